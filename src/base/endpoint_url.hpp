#pragma once

#include <base/url.hpp>
#include <string>
#include <string_view>

namespace kusto::base
{

/// URL of a cluster's service, from what people write: blanks around it, a byte order mark before
/// it, no scheme, a trailing slash or backslash, `;fed=true`. The result has no query; its path is
/// `/` or ends without slash. Errors: `errc::invalid_url`, also for `http` to a host that is not
/// loopback.
[[nodiscard]] result<url> parse_endpoint(std::string_view text);

} // namespace kusto::base
