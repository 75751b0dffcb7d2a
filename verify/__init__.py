"""The engine, its reports and the command line."""
