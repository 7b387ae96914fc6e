"""Bridges to frameworks, each an extra: nothing here is imported by `import dynrepo`."""
