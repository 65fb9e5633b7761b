bearerd_fuzz(claim_path LIBRARIES bearerd_jose)
