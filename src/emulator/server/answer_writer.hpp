#pragma once

#include <emulator/server/exchange.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <sstream>
#include <string>
#include <string_view>

namespace kusto::emulator
{

constexpr auto transfer_token = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::chrono::seconds transfer_limit(600);

inline boost::asio::awaitable<void> sleep_until(rate_limit::clock::time_point time)
{
    if (time <= rate_limit::clock::now())
        co_return;
    auto const executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer pause(executor, time);
    co_await pause.async_wait(transfer_token);
}

/// Waits until so many bytes have passed at the rates of the plan.
inline boost::asio::awaitable<void> pace(exchange const& plan, std::uint64_t bytes)
{
    auto const now = rate_limit::clock::now();
    auto passed = now;
    for (auto const& rate : plan.rates)
        passed = std::max(passed, rate->reserve(bytes, now));
    co_await sleep_until(passed);
}

/// Writes one answer in the way that its exchange asks for.
template <class Stream>
class answer_writer
{
public:
    /// \param head  the answer is to a HEAD request
    answer_writer(Stream& stream, exchange const& plan, bool head)
        : stream_(stream),
          plan_(plan),
          head_(head)
    {
    }

    /// \returns whether it was sent
    boost::asio::awaitable<bool> write(response const& answer, bool keep_alive)
    {
        bool const slowly = plan_.drip_bytes != 0 || !plan_.rates.empty();
        return slowly ? write_slowly(answer, keep_alive) : write_at_once(answer, keep_alive);
    }
    boost::asio::awaitable<void> write_half(response const& answer);

private:
    static constexpr std::size_t paced_piece = std::size_t(16) * 1024;

    void limit_time() { boost::beast::get_lowest_layer(stream_).expires_after(transfer_limit); }
    template <class Body>
    void fill_header(boost::beast::http::response<Body>& message, response const& answer,
                     bool keep_alive) const;
    [[nodiscard]] std::string head_text(response const& answer, bool keep_alive) const;
    boost::asio::awaitable<bool> write_at_once(response const& answer, bool keep_alive);
    boost::asio::awaitable<bool> write_slowly(response const& answer, bool keep_alive);

    Stream& stream_;
    exchange const& plan_;
    bool const head_;
};

template <class Stream>
template <class Body>
void answer_writer<Stream>::fill_header(boost::beast::http::response<Body>& message,
                                        response const& answer, bool keep_alive) const
{
    namespace http = boost::beast::http;
    message.version(11);
    message.result(static_cast<unsigned>(answer.status));
    message.set(http::field::server, "kusto-cpp-local-cluster");
    for (auto const& [name, value] : answer.headers)
        message.set(name, value);
    message.keep_alive(keep_alive);
    bool const bodiless = answer.status == 204 || answer.status == 304;
    if (!bodiless)
        message.content_length(answer.head_length ? *answer.head_length : answer.body.size());
}

template <class Stream>
std::string answer_writer<Stream>::head_text(response const& answer, bool keep_alive) const
{
    boost::beast::http::response<boost::beast::http::empty_body> message;
    fill_header(message, answer, keep_alive);
    std::ostringstream text;
    text << message.base();
    return text.str();
}

template <class Stream>
auto answer_writer<Stream>::write_at_once(response const& answer, bool keep_alive)
    -> boost::asio::awaitable<bool>
{
    namespace http = boost::beast::http;
    limit_time();
    if (head_)
    {
        http::response<http::empty_body> message;
        fill_header(message, answer, keep_alive);
        auto const [error, size] = co_await http::async_write(stream_, message, transfer_token);
        co_return !error;
    }
    http::response<http::span_body<char const>> message;
    message.body() = boost::beast::span<char const>(answer.body.data(), answer.body.size());
    fill_header(message, answer, keep_alive);
    auto const [error, size] = co_await http::async_write(stream_, message, transfer_token);
    co_return !error;
}

/// The head at once, the body in pieces with pauses.
template <class Stream>
auto answer_writer<Stream>::write_slowly(response const& answer, bool keep_alive)
    -> boost::asio::awaitable<bool>
{
    limit_time();
    std::string const head = head_text(answer, keep_alive);
    auto const [failed, sent] =
        co_await boost::asio::async_write(stream_, boost::asio::buffer(head), transfer_token);
    if (failed)
        co_return false;
    std::string_view rest = head_ ? std::string_view() : answer.body;
    while (!rest.empty())
    {
        auto const most = plan_.drip_bytes != 0 ? plan_.drip_bytes : paced_piece;
        auto const piece =
            rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(most, rest.size())));
        rest.remove_prefix(piece.size());
        co_await sleep_until(rate_limit::clock::now() + plan_.drip_interval);
        co_await pace(plan_, piece.size());
        limit_time();
        auto const part = boost::asio::buffer(piece.data(), piece.size());
        auto const [error, size] = co_await boost::asio::async_write(stream_, part, transfer_token);
        if (error)
            co_return false;
    }
    co_return true;
}

/// The head and half of the body, or half of the head where there is no body.
template <class Stream>
auto answer_writer<Stream>::write_half(response const& answer) -> boost::asio::awaitable<void>
{
    limit_time();
    std::string text = head_text(answer, true);
    if (answer.body.empty() || head_)
        text.resize(text.size() / 2);
    else
        text += answer.body.substr(0, answer.body.size() / 2);
    co_await boost::asio::async_write(stream_, boost::asio::buffer(text), transfer_token);
}

} // namespace kusto::emulator
