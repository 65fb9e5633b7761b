bearerd_fuzz(key_set LIBRARIES bearerd_jose)
