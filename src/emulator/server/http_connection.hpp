#pragma once

#include <emulator/server/answer_writer.hpp>
#include <emulator/server/discard_reader.hpp>
#include <emulator/server/exchange.hpp>
#include <emulator/server/http_server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator
{

/// How the server ends a connection.
enum class connection_end : std::uint8_t
{
    orderly, ///< TLS closure first
    abrupt   ///< the socket goes away
};

/// What the server knows of the port that a connection came to.
struct port_settings
{
    std::uint64_t body_limit = 0;
    bool tls = false;
    http_server::handler serve;
    exchange_policy* policy = nullptr; ///< may be null
    http_server::discard_rule discards; ///< may be empty
};

/// A request's answer; 500 when serving it throws.
inline response execute_request(port_settings const& port, request& what)
{
    try
    {
        return port.serve(what);
    }
    catch (std::exception const& error)
    {
        response answer;
        answer.status = 500;
        answer.headers.add("x-ms-error-code", "InternalError");
        answer.headers.add("Content-Type", "text/plain");
        answer.body = std::string("local cluster: ") + error.what();
        answer.close = true;
        return answer;
    }
}

/// Executes a request whose client has lost its connection. The port must outlive it.
inline boost::asio::awaitable<void> execute_late(port_settings const& port, request what,
                                                 std::chrono::steady_clock::time_point due)
{
    co_await sleep_until(due);
    static_cast<void>(execute_request(port, what));
}

/// The requests of one connection, one after the other: framing, limits, and what the policy wants
/// done to them. A handler runs on the thread that read the request; every wait is a timer, so that
/// held and silent connections cost no thread.
///
/// Lives in the frame of the coroutine that awaits `run`.
template <class Stream>
class http_connection
{
public:
    http_connection(Stream& stream, port_settings const& port)
        : stream_(stream),
          port_(port),
          discards_(stream)
    {
    }

    boost::asio::awaitable<connection_end> run();
    /// Reads and forgets until the client goes away.
    boost::asio::awaitable<void> stay_silent();

private:
    enum class reading : std::uint8_t
    {
        complete,
        stopped, ///< as far as was wanted
        too_large,
        malformed,
        closed
    };
    enum class next : std::uint8_t
    {
        go_on,
        close,
        break_off
    };

    using parser_type = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using clock = std::chrono::steady_clock;
    static constexpr std::uint32_t header_limit = 64 * 1024;
    static constexpr std::chrono::seconds idle_limit{120};
    static constexpr std::uint64_t whole_body = std::numeric_limits<std::uint64_t>::max();
    static constexpr std::size_t silent_piece = std::size_t(16) * 1024;

    static reading classify(boost::beast::error_code error);
    static response framing_error(reading outcome);

    void take_head();
    void limit_time(std::chrono::seconds limit)
    {
        boost::beast::get_lowest_layer(stream_).expires_after(limit);
    }
    response execute() { return execute_request(port_, request_); }

    boost::asio::awaitable<next> serve_one();
    boost::asio::awaitable<next> refuse(reading outcome);
    boost::asio::awaitable<next> answer_one();
    boost::asio::awaitable<next> go_silent();
    boost::asio::awaitable<next> leave_for_later();
    boost::asio::awaitable<reading> read_head();
    boost::asio::awaitable<reading> make_plan();
    boost::asio::awaitable<reading> read_rest();
    boost::asio::awaitable<reading> read_body();
    boost::asio::awaitable<reading> receive_body();
    boost::asio::awaitable<reading> read_in_pieces(std::uint64_t stop_at);
    boost::asio::awaitable<reading> discard_body(std::uint64_t stop_at);

    Stream& stream_;
    port_settings const& port_;
    boost::beast::flat_buffer buffer_;
    discard_reader<Stream> discards_;
    std::optional<parser_type> parser_;
    request request_;
    exchange plan_;
};

template <class Stream>
auto http_connection<Stream>::classify(boost::beast::error_code error) -> reading
{
    namespace http = boost::beast::http;
    if (error == http::error::body_limit)
        return reading::too_large;
    bool const http_error = error.category() == make_error_code(http::error::bad_method).category();
    return http_error && error != http::error::end_of_stream &&
                   error != http::error::partial_message
               ? reading::malformed
               : reading::closed;
}

template <class Stream>
response http_connection<Stream>::framing_error(reading outcome)
{
    response answer;
    answer.status = outcome == reading::too_large ? 413 : 400;
    answer.headers.add("x-ms-error-code",
                       outcome == reading::too_large ? "RequestBodyTooLarge" : "InvalidInput");
    return answer;
}

template <class Stream>
void http_connection<Stream>::take_head()
{
    auto const view = [](auto text) { return std::string(text.data(), text.size()); };
    auto const& head = parser_->get();
    request_.tls = port_.tls;
    request_.method = view(head.method_string());
    request_.set_target(view(head.target()));
    for (auto const& field : head)
        request_.headers.add(view(field.name_string()), view(field.value()));
}

template <class Stream>
boost::asio::awaitable<connection_end> http_connection<Stream>::run()
{
    next then = next::go_on;
    while (then == next::go_on)
        then = co_await serve_one();
    co_return then == next::close ? connection_end::orderly : connection_end::abrupt;
}

template <class Stream>
auto http_connection<Stream>::serve_one() -> boost::asio::awaitable<next>
{
    plan_ = exchange();
    auto outcome = co_await read_head();
    if (outcome == reading::complete)
        outcome = co_await make_plan();
    if (outcome == reading::closed)
        co_return next::close;
    if (outcome == reading::too_large || outcome == reading::malformed)
        co_return co_await refuse(outcome);
    co_await sleep_until(clock::now() + plan_.hold);
    if (plan_.end == exchange_end::close_before_body)
        co_return next::break_off;
    if (plan_.end == exchange_end::never_answer)
        co_return co_await go_silent();
    outcome = co_await read_rest();
    if (outcome == reading::closed)
        co_return next::close;
    if (outcome == reading::too_large || outcome == reading::malformed)
        co_return co_await refuse(outcome);
    bool const closes =
        plan_.end == exchange_end::close_mid_body || plan_.end == exchange_end::close_after_body;
    if (closes)
        co_return next::break_off;
    co_return co_await answer_one();
}

template <class Stream>
auto http_connection<Stream>::refuse(reading outcome) -> boost::asio::awaitable<next>
{
    auto const answer = framing_error(outcome);
    answer_writer<Stream> writer(stream_, plan_, false);
    co_await writer.write(answer, false);
    co_return next::close;
}

template <class Stream>
auto http_connection<Stream>::go_silent() -> boost::asio::awaitable<next>
{
    co_await stay_silent();
    co_return next::break_off;
}

template <class Stream>
auto http_connection<Stream>::leave_for_later() -> boost::asio::awaitable<next>
{
    auto const executor = co_await boost::asio::this_coro::executor;
    auto work = execute_late(port_, std::move(request_), clock::now() + plan_.late);
    boost::asio::co_spawn(executor, std::move(work), boost::asio::detached);
    co_return next::break_off;
}

template <class Stream>
auto http_connection<Stream>::answer_one() -> boost::asio::awaitable<next>
{
    if (plan_.end == exchange_end::executed_late)
        co_return co_await leave_for_later();
    if (plan_.end == exchange_end::executed_twice)
        static_cast<void>(execute());
    auto const answer = plan_.instead ? std::move(*plan_.instead) : execute();
    bool const keep_alive = parser_->get().keep_alive() && !answer.close;
    answer_writer<Stream> writer(stream_, plan_, request_.method == "HEAD");
    switch (plan_.end)
    {
    case exchange_end::drop_answer:
        co_return next::break_off;
    case exchange_end::never_answer_after:
        co_return co_await go_silent();
    case exchange_end::answer_partly:
        co_await writer.write_half(answer);
        co_return next::break_off;
    default:
        break;
    }
    bool const written = co_await writer.write(answer, keep_alive);
    if (plan_.end == exchange_end::close_idle)
        co_return next::break_off;
    co_return written&& keep_alive ? next::go_on : next::close;
}

template <class Stream>
auto http_connection<Stream>::read_head() -> boost::asio::awaitable<reading>
{
    namespace http = boost::beast::http;
    request_ = request();
    parser_.emplace();
    parser_->body_limit(port_.body_limit);
    parser_->header_limit(header_limit);
    limit_time(idle_limit);
    auto const [error, size] =
        co_await http::async_read_header(stream_, buffer_, *parser_, transfer_token);
    if (error)
        co_return classify(error);
    take_head();
    co_return reading::complete;
}

template <class Stream>
auto http_connection<Stream>::make_plan() -> boost::asio::awaitable<reading>
{
    if (port_.policy == nullptr)
        co_return reading::complete;
    if (port_.policy->needs_body(request_))
    {
        auto const outcome = co_await read_body();
        if (outcome != reading::complete)
            co_return outcome;
    }
    plan_ = port_.policy->plan(request_);
    co_return reading::complete;
}

template <class Stream>
auto http_connection<Stream>::read_rest() -> boost::asio::awaitable<reading>
{
    if (parser_->is_done() && !request_.body.empty())
    {
        // The plan needed the body: what passed before it counts now.
        co_await pace(plan_, request_.body.size());
        co_return reading::complete;
    }
    co_return co_await read_body();
}

template <class Stream>
auto http_connection<Stream>::read_body() -> boost::asio::awaitable<reading>
{
    namespace http = boost::beast::http;
    static constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
    limit_time(transfer_limit);
    bool const expects = boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
    if (expects && !parser_->is_done())
    {
        auto const line = boost::asio::buffer(continue_line);
        auto const [error, size] = co_await boost::asio::async_write(stream_, line, transfer_token);
        if (error)
            co_return reading::closed;
    }
    co_return co_await receive_body();
}

/// The body as the plan wants it, in full or to its middle.
template <class Stream>
auto http_connection<Stream>::receive_body() -> boost::asio::awaitable<reading>
{
    namespace http = boost::beast::http;
    auto const length = parser_->content_length();
    bool const half = plan_.end == exchange_end::close_mid_body;
    std::uint64_t const middle = length ? *length / 2 : 1;
    std::uint64_t const stop_at = half ? middle : whole_body;
    bool const discarded = length && port_.discards && port_.discards(request_);
    if (discarded)
        co_return co_await discard_body(stop_at);
    if (half || !plan_.rates.empty())
    {
        auto const outcome = co_await read_in_pieces(stop_at);
        if (outcome != reading::complete)
            co_return outcome;
    }
    else if (!parser_->is_done())
    {
        auto const [error, size] =
            co_await http::async_read(stream_, buffer_, *parser_, transfer_token);
        if (error)
            co_return classify(error);
    }
    request_.body = std::move(parser_->get().body());
    co_return reading::complete;
}

/// Reads the body, as fast as the rates allow, until it is complete or has `stop_at` bytes.
template <class Stream>
auto http_connection<Stream>::read_in_pieces(std::uint64_t stop_at)
    -> boost::asio::awaitable<reading>
{
    namespace http = boost::beast::http;
    co_await pace(plan_, parser_->get().body().size());
    while (!parser_->is_done() && parser_->get().body().size() < stop_at)
    {
        limit_time(transfer_limit);
        auto const before = parser_->get().body().size();
        auto const [error, size] =
            co_await http::async_read_some(stream_, buffer_, *parser_, transfer_token);
        if (error)
            co_return classify(error);
        co_await pace(plan_, parser_->get().body().size() - before);
    }
    co_return parser_->is_done() ? reading::complete : reading::stopped;
}

/// As `read_in_pieces`, but nothing of the body is kept.
template <class Stream>
auto http_connection<Stream>::discard_body(std::uint64_t stop_at) -> boost::asio::awaitable<reading>
{
    auto const whole = *parser_->content_length();
    auto const wanted = std::min(whole, stop_at);
    content_summary seen;
    auto const early = std::min<std::uint64_t>(wanted, buffer_.size());
    seen.add(std::string_view(static_cast<char const*>(buffer_.data().data()),
                              static_cast<std::size_t>(early)));
    buffer_.consume(static_cast<std::size_t>(early));
    co_await pace(plan_, early);
    while (seen.size() < wanted)
    {
        auto const before = seen.size();
        auto const most = std::min(wanted - before, discard_reader<Stream>::piece_bytes);
        bool const read = co_await discards_.read(seen, most);
        if (!read)
            co_return reading::closed;
        co_await pace(plan_, seen.size() - before);
    }
    request_.discarded = seen;
    co_return wanted == whole ? reading::complete : reading::stopped;
}

template <class Stream>
boost::asio::awaitable<void> http_connection<Stream>::stay_silent()
{
    boost::beast::get_lowest_layer(stream_).expires_never();
    std::vector<char> forgotten(silent_piece);
    for (bool open = true; open;)
    {
        auto const into = boost::asio::buffer(forgotten);
        auto const [error, size] = co_await stream_.async_read_some(into, transfer_token);
        open = !error;
    }
}

} // namespace kusto::emulator
