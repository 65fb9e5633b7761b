bearerd_fuzz(admin_call LIBRARIES bearerd_http)
