#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <net/pending_write.hpp>
#include <net/tls_fault.hpp>
#include <optional>
#include <string>

namespace kusto::net
{

struct io_result
{
    boost::system::error_code ec;
    std::size_t transferred;
};

/// How a TLS handshake ended.
class handshake_result
{
public:
    handshake_result() = default;

    boost::system::error_code ec;
    /// What was wrong with the server's certificate, if that was the reason.
    std::optional<tls_fault> certificate;
    /// What the TLS library says.
    std::string reason;
};

/// What a TLS connection is like. Text that came from the server is escaped and may be printed.
class tls_facts
{
public:
    tls_facts() = default;

    std::string protocol; ///< `TLSv1.3`
    std::string cipher;   ///< `TLS_AES_256_GCM_SHA384`
    std::string subject;  ///< of the server's certificate, as in RFC 2253: `CN=...`
    std::string issuer;
    std::chrono::system_clock::time_point not_after; ///< end of its validity; else the epoch
};

/// A connected byte stream: TCP, or TLS over TCP. Erases the type, so that what is built upon it is
/// compiled once and without OpenSSL.
///
/// One read and one write may be under way at a time, both on the strand of the caller.
class stream
{
public:
    stream() = default;
    stream(stream const&) = delete;
    stream& operator=(stream const&) = delete;
    virtual ~stream() = default;

    [[nodiscard]] virtual boost::asio::awaitable<handshake_result> handshake() = 0;

    /// A clean end of the stream is `asio::error::eof`; a TLS stream that was cut off is not clean.
    [[nodiscard]] virtual boost::asio::awaitable<io_result>
    read_some(boost::asio::mutable_buffer into) = 0;

    /// Writes all of the job's buffers and then calls `job->finished`, at once if the stream is
    /// unusable. TLS may have to read before it can write on, so a read is to be under way too;
    /// without one, `close` ends the write.
    virtual void start_write(std::shared_ptr<pending_write> job) = 0;

    [[nodiscard]] virtual bool encrypted() const noexcept = 0;
    /// Whether `ec` is an error of TLS itself.
    [[nodiscard]] virtual bool is_tls_error(boost::system::error_code ec) const noexcept = 0;
    [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() noexcept = 0;
    /// After the handshake; when it failed, of the certificate only, if one came. Without TLS,
    /// empty.
    [[nodiscard]] virtual tls_facts facts() const { return tls_facts(); }

    /// Without a farewell: everything under way ends with an error, now or soon.
    virtual void close() noexcept;
    /// Whether the peer seems to be there still and owes us nothing.
    [[nodiscard]] bool looks_alive() noexcept;
};

[[nodiscard]] std::unique_ptr<stream> make_tcp_stream(boost::asio::ip::tcp::socket connected);

} // namespace kusto::net
