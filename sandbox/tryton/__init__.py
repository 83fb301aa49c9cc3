"""A real Tryton beside the sandbox: its environment, its data, its process. Nothing of Tryton itself is imported."""
