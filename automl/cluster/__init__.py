"""A cluster: certificates, and Dask's own scheduler and workers with the settings of a search."""
