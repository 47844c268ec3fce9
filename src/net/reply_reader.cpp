#include <net/reply_reader.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/secret.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace
{

constexpr std::size_t read_size = std::size_t(16) << 10;
// More interim replies than that to one request are not HTTP any more.
constexpr int most_interim_replies = 16;

std::string_view view(boost::string_view text)
{
    return std::string_view(text.data(), text.size());
}

/// What a server calls a request: short, and without what else URLs and texts have. It may have
/// put what it was sent in its place, and a part of a secret would not be recognised as one.
bool is_activity_id(std::string_view text)
{
    constexpr std::size_t longest = 128;
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-._:;|";
    return text.size() <= longest && text.find_first_not_of(allowed) == text.npos;
}

} // namespace

struct reply_reader::impl
{
    using parser_type = http::response_parser<http::string_body>;

    impl(bool head, std::size_t header_limit, std::size_t body_limit)
        : head(head),
          header_limit(header_limit),
          body_limit(body_limit)
    {
        next_reply();
    }
    impl(impl const&) = delete;
    impl& operator=(impl const&) = delete;
    // A reply may hold a token.
    ~impl()
    {
        base::wipe(parser->get().body());
        buffer.clear();
        auto const all = buffer.prepare(buffer.capacity());
        base::wipe(all.data(), all.size());
    }

    void next_reply()
    {
        parser.emplace();
        parser->eager(true);
        parser->skip(head);
        parser->header_limit(static_cast<std::uint32_t>(
            (std::min)(header_limit, std::size_t((std::numeric_limits<std::uint32_t>::max)()))));
        parser->body_limit(std::uint64_t(body_limit));
        checked = false;
    }

    void parse();
    void check_status();
    void fail(errc code, std::string message);
    void fail(boost::system::error_code ec);

    bool interim() const { return parser->get().result_int() / 100 == 1; }

    std::optional<parser_type> parser;
    boost::beast::flat_buffer buffer;
    std::optional<failure> why;
    std::size_t received = 0;
    bool head;
    std::size_t header_limit;
    std::size_t body_limit;
    int interim_replies = 0;
    bool checked = false;
    bool done = false;
};

void reply_reader::impl::parse()
{
    while (buffer.size() != 0 && !why && !done)
    {
        boost::system::error_code ec;
        buffer.consume(parser->put(buffer.data(), ec));
        if (parser->is_header_done() && !checked)
            check_status();
        if (why || ec == http::error::need_more)
            return;
        if (ec)
            return fail(ec);
        if (!parser->is_done())
            continue;
        done = !interim();
        if (!done)
            next_reply();
    }
}

void reply_reader::impl::check_status()
{
    checked = true;
    auto const status = parser->get().result_int();
    if (status == 101 || (interim() && ++interim_replies > most_interim_replies))
        return fail(errc::malformed_reply, "interim replies that nobody asked for");
    if (status / 100 != 3)
        return;
    std::string where;
    auto const target = base::url::parse(view(parser->get()[http::field::location]));
    if (target)
        where = " to host " + target->authority();
    fail(errc::redirect_refused, "the server redirects" + where +
                                     "; redirects are never followed: configure the final address");
}

void reply_reader::impl::fail(errc code, std::string message)
{
    why.emplace(code, stage::receive, std::move(message));
    if (!parser->is_header_done())
        return;
    auto const& fields = parser->get();
    why->status(static_cast<int>(fields.result_int()));
    auto activity = view(fields["x-ms-activity-id"]);
    if (activity.empty())
        activity = view(fields["x-ms-request-id"]);
    if (is_activity_id(activity))
        why->activity_id(std::string(activity));
}

void reply_reader::impl::fail(boost::system::error_code ec)
{
    if (ec == http::error::header_limit)
        return fail(errc::reply_too_large, "the reply's header exceeds " +
                                               std::to_string(header_limit) +
                                               " bytes (header_limit)");
    if (ec == http::error::body_limit || ec == http::error::buffer_overflow)
        return fail(errc::reply_too_large, "the reply's body exceeds " +
                                               std::to_string(body_limit) +
                                               " bytes (reply_limit): ask for less");
    if (ec == http::error::partial_message || ec == http::error::end_of_stream)
    {
        fail(errc::connection_lost, "the server closed the connection in the middle of its reply");
        why->retryable(true);
        return;
    }
    fail(errc::malformed_reply, "the reply is not HTTP/1.1 (" + ec.message() +
                                    "); check scheme, host and port, and proxies in between");
}

reply_reader::reply_reader(bool head, std::size_t header_limit, std::size_t body_limit)
    : impl_(std::make_unique<impl>(head, header_limit, body_limit))
{
}

reply_reader::~reply_reader() = default;

asio::mutable_buffer reply_reader::prepare()
{
    return impl_->buffer.prepare(read_size);
}

void reply_reader::commit(std::size_t bytes)
{
    impl_->received += bytes;
    impl_->buffer.commit(bytes);
    impl_->parse();
}

void reply_reader::end_of_stream()
{
    boost::system::error_code ec = http::error::end_of_stream;
    if (impl_->parser->got_some())
        impl_->parser->put_eof(ec);
    if (ec)
        impl_->fail(ec);
    else
        impl_->done = true;
}

bool reply_reader::started() const noexcept
{
    return impl_->received != 0;
}

bool reply_reader::done() const noexcept
{
    return impl_->done;
}

bool reply_reader::failed() const noexcept
{
    return impl_->why.has_value();
}

std::size_t reply_reader::received() const noexcept
{
    return impl_->received;
}

async::http_response reply_reader::take()
{
    async::http_response reply;
    auto& message = impl_->parser->get();
    reply.status = static_cast<int>(message.result_int());
    for (auto const& field : message)
        reply.headers.emplace_back(view(field.name_string()), view(field.value()));
    reply.body = std::move(message.body());
    return reply;
}

bool reply_reader::keeps_alive() const
{
    return impl_->parser->keep_alive() && !impl_->parser->need_eof() && !surplus();
}

bool reply_reader::surplus() const noexcept
{
    return impl_->buffer.size() != 0;
}

std::optional<std::chrono::seconds> reply_reader::keep_alive_timeout() const
{
    auto const text = base::to_lower(view(impl_->parser->get()[http::field::keep_alive]));
    constexpr std::string_view key = "timeout=";
    auto const found = text.find(key);
    if (found == std::string::npos)
        return std::nullopt;
    std::uint32_t seconds = 0;
    auto const* const first = text.data() + found + key.size();
    auto const [last, error] = std::from_chars(first, text.data() + text.size(), seconds);
    if (error != std::errc())
        return std::nullopt;
    return std::chrono::seconds(seconds);
}

failure reply_reader::why() const
{
    return *impl_->why;
}

} // namespace kusto::net
