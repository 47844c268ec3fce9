#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace kusto::net
{

/// A write that runs beside the read of the reply, because a server may answer before it has read
/// the whole request.
///
/// The buffers belong to the caller of the request, so whoever starts a write joins it before
/// returning.
///
/// \par Thread safety
/// Everything on one strand.
class pending_write
{
public:
    pending_write(boost::asio::any_io_executor strand,
                  std::vector<boost::asio::const_buffer> buffers);

    /// Called when the write failed, before anyone who joins is resumed.
    void on_failure(std::function<void()> call) { on_failure_ = std::move(call); }

    [[nodiscard]] boost::asio::any_io_executor strand() { return done_timer_.get_executor(); }
    [[nodiscard]] std::vector<boost::asio::const_buffer> const& buffers() const noexcept
    {
        return buffers_;
    }

    void finished(boost::system::error_code ec);

    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] boost::system::error_code error() const noexcept { return ec_; }
    /// Every byte was handed over, so the server may have the whole request.
    [[nodiscard]] bool complete() const noexcept { return done_ && !ec_; }

    /// Completes once `finished` was called. Not cancellable; never throws.
    [[nodiscard]] boost::asio::awaitable<void> join();

private:
    std::vector<boost::asio::const_buffer> buffers_;
    boost::asio::steady_timer done_timer_;
    std::function<void()> on_failure_;
    boost::system::error_code ec_;
    bool done_ = false;
};

} // namespace kusto::net
