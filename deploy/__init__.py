"""How the gateway is run in earnest: a cluster of processes on this machine, and manifests for Kubernetes."""
