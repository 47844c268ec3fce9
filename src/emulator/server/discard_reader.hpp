#pragma once

#include <emulator/server/answer_writer.hpp>
#include <emulator/content_summary.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <memory>

namespace kusto::emulator
{

/// Reads a body that is only summed up, at the least cost for each byte: straight from the stream
/// into one buffer, without a coroutine's round through the executor for each TLS record while more
/// of them have arrived.
template <class Stream>
class discard_reader
{
public:
    static constexpr std::uint64_t piece_bytes = 256 * 1024;

    explicit discard_reader(Stream& stream) : stream_(stream) {}

    /// Adds at least one and at most `most` bytes to `seen`.
    /// \param most  1 to `piece_bytes`
    /// \returns false when the connection has ended
    boost::asio::awaitable<bool> read(content_summary& seen, std::uint64_t most)
    {
        if (!piece_)
            piece_ = std::make_unique_for_overwrite<char[]>(piece_bytes);
        auto& socket = boost::beast::get_lowest_layer(stream_).socket();
        boost::beast::error_code error;
        socket.non_blocking(true, error);
        std::size_t size = 0;
        for (;;)
        {
            auto const into = boost::asio::buffer(piece_.get(), static_cast<std::size_t>(most));
            size = stream_.read_some(into, error);
            if (error != boost::asio::error::would_block)
                break;
            auto const [failed] =
                co_await socket.async_wait(boost::asio::ip::tcp::socket::wait_read, transfer_token);
            if (failed)
                co_return false;
        }
        seen.add(std::string_view(piece_.get(), size));
        co_return !error;
    }

private:
    Stream& stream_;
    std::unique_ptr<char[]> piece_; ///< made when it is needed first
};

} // namespace kusto::emulator
