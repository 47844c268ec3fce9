#pragma once

#include <async/transport.hpp>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <cstddef>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kusto::net
{

/// Turns bytes into one HTTP reply, without I/O. Interim replies (1xx) are skipped.
///
/// Use: until `done()` or `failed()`, read into `prepare()` and report with `commit` or
/// `end_of_stream`.
class reply_reader
{
public:
    /// \param head  the reply to a HEAD request: has a length but no body
    reply_reader(bool head, std::size_t header_limit, std::size_t body_limit);
    reply_reader(reply_reader const&) = delete;
    reply_reader& operator=(reply_reader const&) = delete;
    ~reply_reader();

    [[nodiscard]] boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);
    /// The peer closed the stream in an orderly way.
    void end_of_stream();

    /// Whether any byte arrived.
    [[nodiscard]] bool started() const noexcept;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] bool failed() const noexcept;
    /// Bytes received.
    [[nodiscard]] std::size_t received() const noexcept;

    /// The reply; `done()` is required.
    [[nodiscard]] async::http_response take();
    /// Whether another request may be sent on the connection; `done()` is required.
    [[nodiscard]] bool keeps_alive() const;
    /// Whether bytes follow the reply; `done()` is required.
    [[nodiscard]] bool surplus() const noexcept;
    /// Seconds of the `Keep-Alive: timeout=` field; `done()` is required.
    [[nodiscard]] std::optional<std::chrono::seconds> keep_alive_timeout() const;

    /// Why it failed; `failed()` is required. Status and activity id are set if they are known, and
    /// the id is one: up to 128 letters, digits and signs between them.
    [[nodiscard]] failure why() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace kusto::net
