"""Two clusters compared: what a change of manifests newly allows or no longer allows, and which line did it."""
