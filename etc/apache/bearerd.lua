-- Asks bearerd about each request; see bearerd.conf beside this file.
local http = require "socket.http"
http.TIMEOUT = 2

local verify_url = "http://127.0.0.1:9180/verify/forward"
local identity_headers = {
  "X-Auth-Request-User", "X-Auth-Request-Name", "X-Auth-Request-Email", "X-Auth-Request-Groups",
  "X-Auth-Request-Groups-Omitted", "X-Auth-Request-Provider", "X-Auth-Request-Project", "X-Auth-Request-User-Key",
  "X-Bearerd-Caller",
}
local refusals = { [400] = true, [401] = true, [403] = true, [404] = true, [429] = true, [431] = true, [503] = true }

local is_identity = {}
for _, name in ipairs(identity_headers) do is_identity[name:lower()] = true end

-- Only bearerd may name a caller. httpd passes names with `_` on, and applications often read `_` and `-` as one: every
-- spelling goes.
local function delete_identity(request)
  for name in pairs(request:headers_in_table()) do
    if is_identity[name:lower():gsub("_", "-")] then request.headers_in[name] = nil end
  end
end

function check(request)
  delete_identity(request)
  local _, status, headers = http.request({
    url = verify_url,
    headers = {
      ["authorization"] = request.headers_in["Authorization"],
      ["api-key"] = request.headers_in["Api-Key"],
      ["x-request-id"] = request.headers_in["X-Request-Id"],
      ["x-forwarded-method"] = request.method,
      ["x-forwarded-uri"] = request.unparsed_uri,
      ["x-forwarded-host"] = request.headers_in["Host"],
      ["x-forwarded-proto"] = request.is_https and "https" or "http",
      ["x-forwarded-for"] = request.useragent_ip,
    },
  })
  if status == 200 then
    for _, name in ipairs(identity_headers) do
      local value = headers[name:lower()]
      if value and value ~= "" then request.headers_in[name] = value end
    end
    return apache2.OK
  end
  if not refusals[status] then return 503 end
  request.err_headers_out["WWW-Authenticate"] = headers["www-authenticate"]
  request.err_headers_out["Retry-After"] = headers["retry-after"]
  return status
end
