"""Read and write file formats, without knowing what the numbers mean."""
