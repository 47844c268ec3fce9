#pragma once

#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::wire
{

/// The same type as `async::http_headers`.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// First value of a header, compared without regard to case; empty if absent.
[[nodiscard]] std::string_view find_header(header_list const& headers,
                                           std::string_view name) noexcept;

/// A reply as the parsers see it. Refers to headers and body; keep both alive.
class reply
{
public:
    /// \param host  of the peer, for failures; without path and query
    /// \param request_id  our `x-ms-client-request-id`
    reply(int status, header_list const& headers, std::string_view body, std::string host,
          std::string request_id, stage where)
        : status(status),
          headers(&headers),
          body(body),
          host(std::move(host)),
          request_id(std::move(request_id)),
          where(where)
    {
    }

    [[nodiscard]] std::string_view header(std::string_view name) const noexcept
    {
        return find_header(*headers, name);
    }
    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }

    /// A failure with everything that this reply says about itself filled in: status, host, ids,
    /// `Retry-After` in its three spellings.
    [[nodiscard]] failure fail(errc code, std::string message) const;

    int status;
    header_list const* headers;
    std::string_view body;
    std::string host;
    std::string request_id;
    stage where;
};

/// `text` shortened to `limit` bytes at a character border, control characters replaced by blanks,
/// and whatever looks like a signature or token in it replaced by `REDACTED`. For server texts.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 2048);

/// Whether a status says that the same request may succeed later: 408, 429, every 5xx but 501 and
/// 505. What gateways make up (520 to 527, 599) says no more than a 502.
[[nodiscard]] bool is_transient_status(int status) noexcept;

/// Whether the service may have done what an error reply says failed: 408 and every 5xx, but not a
/// 503 with a service code, which is the service's own word that it was too busy to begin.
[[nodiscard]] bool may_be_done(int status, std::string_view service_code) noexcept;

} // namespace kusto::wire
