"""What LocalStack is told by its plug-in points: to run functions as processes, and
to keep the cookies of their answers. pyproject.toml names both."""
