#include <net/stream.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
using asio::ip::tcp;

namespace
{

// Asio's own limit is 64 KiB for a system call and a turn of the executor.
constexpr std::size_t most_at_once = std::size_t(1) << 20;

std::size_t as_much_as_possible(boost::system::error_code const& ec, std::size_t)
{
    return ec ? 0 : most_at_once;
}

class tcp_stream final : public stream
{
public:
    explicit tcp_stream(tcp::socket connected) : socket_(std::move(connected)) {}

    asio::awaitable<handshake_result> handshake() override { co_return handshake_result(); }

    asio::awaitable<io_result> read_some(asio::mutable_buffer into) override
    {
        auto const [ec, transferred] =
            co_await socket_.async_read_some(into, asio::as_tuple(asio::use_awaitable));
        co_return io_result{ec, transferred};
    }

    void start_write(std::shared_ptr<pending_write> job) override
    {
        auto const& buffers = job->buffers();
        auto const strand = job->strand();
        auto done = [job = std::move(job)](boost::system::error_code ec, std::size_t)
        { job->finished(ec); };
        asio::async_write(socket_, buffers, as_much_as_possible,
                          asio::bind_executor(strand, std::move(done)));
    }

    bool encrypted() const noexcept override { return false; }
    bool is_tls_error(boost::system::error_code) const noexcept override { return false; }
    tcp::socket& socket() noexcept override { return socket_; }

private:
    tcp::socket socket_;
};

} // namespace

void stream::close() noexcept
{
    boost::system::error_code ignored;
    socket().close(ignored);
}

bool stream::looks_alive() noexcept
{
    if (!socket().is_open())
        return false;
    pollfd peer{};
    peer.fd = socket().native_handle();
    peer.events = POLLIN | POLLRDHUP;
    if (::poll(&peer, 1, 0) < 0)
        return false;
    if ((peer.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0)
        return false;
    // Bytes that nobody asked for make plain HTTP unusable. Under TLS they may be session tickets.
    return encrypted() || (peer.revents & POLLIN) == 0;
}

std::unique_ptr<stream> make_tcp_stream(tcp::socket connected)
{
    return std::make_unique<tcp_stream>(std::move(connected));
}

} // namespace kusto::net
