#pragma once

#include <async/transport.hpp>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <kusto/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::net
{

/// A request as it goes over the wire: the header as text, the body as views of the caller's
/// memory. Refers to the `http_request` that it was made of. Wipes the header, which may hold a
/// token.
class request_image
{
public:
    /// Errors: `errc::invalid_option` for a header field, `errc::invalid_url` for a target that
    /// cannot be sent. Both are attributed to `request.where`.
    [[nodiscard]] static result<request_image> make(async::http_request const& request,
                                                    std::string_view user_agent);

    request_image(request_image&&) = default;
    request_image& operator=(request_image&&) = delete;
    ~request_image();

    [[nodiscard]] std::vector<boost::asio::const_buffer> buffers() const;
    /// Header and body, in bytes.
    [[nodiscard]] std::size_t size() const noexcept { return head_.size() + body_size_; }
    [[nodiscard]] std::string const& head() const noexcept { return head_; }

private:
    explicit request_image(async::http_request const& request) : request_(&request) {}

    async::http_request const* request_;
    std::string head_;
    std::size_t body_size_ = 0;
};

/// `failure` about `request`, with host and request id filled in.
[[nodiscard]] failure blame(async::http_request const& request, errc code, stage where,
                            std::string message);
/// The same for a failure that exists already; a host that it has, as of a proxy, stays.
[[nodiscard]] failure blame(async::http_request const& request, failure what);

} // namespace kusto::net
