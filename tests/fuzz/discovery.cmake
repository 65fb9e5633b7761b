bearerd_fuzz(discovery LIBRARIES bearerd_keys)
