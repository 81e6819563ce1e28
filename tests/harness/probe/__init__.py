"""Control of a running site from outside; ``inside/`` runs within its process."""
