bearerd_fuzz(revocation LIBRARIES bearerd_http)
