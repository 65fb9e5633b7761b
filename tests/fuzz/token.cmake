bearerd_fuzz(token LIBRARIES bearerd_jose)
