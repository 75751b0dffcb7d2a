"""Other evaluators put to the test: clusters and flows that tell readings apart, answers compared, findings kept."""
