#pragma once

#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::async
{

enum class http_method
{
    get,
    put,
    post,
    del,
    head,
};

/// As it stands in a request: `GET`.
[[nodiscard]] std::string_view to_string(http_method method) noexcept;

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// Whom to expect at the other end of one request's connection, where the usual authorities do not
/// vouch for it. Only for hosts whose certificate is known from elsewhere.
class tls_peer
{
public:
    tls_peer() = default;

    /// SHA-1 of the certificate, 40 hexadecimal digits: it and no other is accepted, whatever its
    /// issuer and name. Empty: authorities and name decide.
    std::string thumbprint;
    /// The name to ask for and to expect in the certificate; empty: the URL's host.
    std::string server_name;
    /// PEM of the authorities to trust instead of the usual ones; empty: the usual ones.
    std::string ca_pem;
};

/// One HTTP request. `Host`, `Content-Length` and `User-Agent` are added by the transport.
class http_request
{
public:
    http_request(http_method method, base::url target) : method(method), target(std::move(target))
    {
    }
    http_request(http_request const&) = default;
    http_request(http_request&&) = default;
    /// None: what it had before would not be wiped.
    http_request& operator=(http_request const&) = delete;
    http_request& operator=(http_request&&) = delete;
    /// Wipes `Authorization`; of a request that signs in the body and all headers.
    ~http_request();

    http_request& header(std::string name, std::string value)
    {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }

    http_method method;
    base::url target;
    http_headers headers;
    /// Body that the request owns; used when `body_parts` is empty.
    std::string body;
    /// Body that the caller owns and keeps alive until the operation completed; sent in order
    /// without a copy.
    std::vector<std::span<std::byte const>> body_parts;
    /// Whether it may be sent again by the transport when a *reused* connection turned out to be
    /// dead before any byte of a reply arrived. False for the queue post.
    bool replayable = true;
    /// Time for the exchange where the transport's own limit is shorter.
    std::chrono::milliseconds at_least{};
    /// If given: true from the beginning of `send` until a byte may have left, for a caller whose
    /// `send` is cancelled. A transport that cannot tell leaves it alone. Outlives the operation.
    bool* unsent = nullptr;
    /// Null: the usual trust. Connections with different peers are never mixed.
    std::shared_ptr<tls_peer const> peer;
    /// Never through a proxy: for endpoints of the host itself.
    bool direct = false;
    /// What failures are attributed to.
    kusto::stage where = kusto::stage::send;
    /// A body larger than this is `errc::reply_too_large`.
    std::size_t reply_limit = std::size_t(16) << 20;
};

class http_response
{
public:
    http_response() = default;
    http_response(http_response const&) = default;
    http_response(http_response&&) = default;
    http_response& operator=(http_response const&) = default;
    http_response& operator=(http_response&&) = default;
    /// Wipes the body, which may hold a token.
    ~http_response();

    /// First value of a header, compared without regard to case; empty if absent.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

    int status = 0;
    http_headers headers;
    std::string body;
};

/// Sends HTTP requests. Implemented once over sockets (`net/`) and once as a script for tests.
class transport
{
public:
    transport() = default;
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    virtual ~transport() = default;

    /// Sends `request` and reads the whole reply. Any status is a success here, except 3xx
    /// (`errc::redirect_refused`).
    ///
    /// Errors are those of the network. Their `where()` is resolve, connect, handshake, send or
    /// receive; `outcome()` is `unknown` when the request was, or may have been, sent completely
    /// and no reply arrived, else `failed`; `retryable()` says whether the same bytes may succeed
    /// later. `host()` is set. Never throws, except when the calling coroutine is cancelled.
    ///
    /// \pre The calling coroutine runs on a strand or a single-threaded context.
    /// Cancellation: terminal; the connection is closed.
    [[nodiscard]] virtual boost::asio::awaitable<result<http_response>> send(http_request request,
                                                                             deadline until) = 0;

    /// Closes idle connections; requests under way complete.
    virtual void shutdown() noexcept = 0;
};

} // namespace kusto::async
