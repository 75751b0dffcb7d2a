"""Classes of counterexamples: what a witness stands for, and all there are."""
