#include "parrot.hpp"

#include <base/percent.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <memory>

namespace kusto::test
{

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

namespace
{

std::size_t length_of(std::string const& head)
{
    std::string lower;
    for (char const c : head)
        lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    constexpr std::string_view name = "\r\ncontent-length:";
    auto const at = lower.find(name);
    return at == std::string::npos ? 0
                                   : std::strtoul(lower.c_str() + at + name.size(), nullptr, 10);
}

std::string http(std::string const& status, std::string const& type, std::string const& body,
                 std::string const& more = {})
{
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + more +
           "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

/// One request on a connection of its own.
class visit : public std::enable_shared_from_this<visit>
{
public:
    using answerer = std::function<std::string(std::string const&)>;

    visit(tcp::socket socket, answerer answer)
        : socket_(std::move(socket)),
          answer_(std::move(answer))
    {
    }

    void begin()
    {
        asio::async_read_until(socket_, asio::dynamic_buffer(text_), "\r\n\r\n",
                               [self = shared_from_this()](auto failed, std::size_t size)
                               {
                                   if (!failed)
                                       self->read_body(size);
                               });
    }

private:
    void read_body(std::size_t head)
    {
        auto const whole = head + length_of(text_.substr(0, head));
        auto const left = whole > text_.size() ? whole - text_.size() : 0;
        asio::async_read(socket_, asio::dynamic_buffer(text_), asio::transfer_exactly(left),
                         [self = shared_from_this()](auto failed, std::size_t)
                         {
                             if (!failed)
                                 self->reply();
                         });
    }

    void reply()
    {
        reply_ = answer_(text_);
        asio::async_write(socket_, asio::buffer(reply_),
                          [self = shared_from_this()](auto, auto) {});
    }

    tcp::socket socket_;
    answerer answer_;
    std::string text_;
    std::string reply_;
};

/// The secret in a request.
std::string secret_of(std::string const& request)
{
    for (std::string_view const name :
         {"client_secret=", "client_assertion=", "device_code=", "refresh_token=",
          "X-IDENTITY-HEADER: ", "\r\nsecret: ", "\r\nSecret: ", "Authorization: Basic ",
          "Authorization: Bearer "})
    {
        auto const at = request.rfind(name);
        if (at == std::string::npos)
            continue;
        auto const value = request.substr(at + name.size());
        return value.substr(0, value.find_first_of("&\r "));
    }
    return "nothing secret";
}

std::string refusal(std::string const& heard)
{
    json::object body;
    body["error"] = "invalid_client";
    body["error_description"] = heard;
    body["message"] = heard;
    return http("400 Bad Request", "application/json", json::serialize(body));
}

std::string code(std::string const& heard)
{
    json::object body;
    body["error"] = heard;
    body["error_codes"] = json::array{heard};
    body["correlation_id"] = heard;
    return http("401 Unauthorized", "application/json", json::serialize(body));
}

/// A header's value.
std::string in_one_line(std::string text)
{
    for (auto& c : text)
        c = c == '\r' || c == '\n' ? ' ' : c;
    return text;
}

std::string one_api(std::string const& heard)
{
    json::object error;
    for (char const* const name : {"code", "message", "@type", "@message"})
        error[name] = heard;
    error["innererror"] = error;
    json::object body;
    body["error"] = std::move(error);
    auto const line = in_one_line(heard);
    return http("401 Unauthorized", "application/json", json::serialize(body),
                "x-ms-activity-id: " + line + "\r\nWWW-Authenticate: Bearer error=\"" + line +
                    "\"\r\n");
}

std::string success(std::string const& heard)
{
    json::object body;
    body["token_type"] = heard;
    body["access_token"] = heard + "\r\n";
    body["expires_in"] = heard;
    return http("200 OK", "application/json", json::serialize(body));
}

std::string tokens()
{
    json::object body;
    body["token_type"] = "Bearer";
    body["access_token"] = parrot::access_token;
    body["refresh_token"] = parrot::refresh_token;
    body["expires_in"] = 3600;
    return http("200 OK", "application/json", json::serialize(body));
}

std::string device()
{
    json::object body;
    body["device_code"] = parrot::device_code;
    body["user_code"] = "ABCD";
    body["verification_uri"] = "https://example.org/device";
    body["expires_in"] = 60;
    body["interval"] = 1;
    return http("200 OK", "application/json", json::serialize(body));
}

} // namespace

parrot::parrot(std::string arc_key)
    : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      arc_key_(std::move(arc_key))
{
    accept();
    thread_ = std::thread([this] { context_.run(); });
}

parrot::~parrot()
{
    context_.stop();
    thread_.join();
}

std::string parrot::url() const
{
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void parrot::accept()
{
    acceptor_.async_accept(
        [this](auto failed, tcp::socket socket)
        {
            if (failed)
                return;
            auto const answer = [this](std::string const& request)
            {
                ++requests_;
                return this->answer(request);
            };
            std::make_shared<visit>(std::move(socket), answer)->begin();
            accept();
        });
}

std::string parrot::answer(std::string const& request) const
{
    if (request.find("/devicecode ") != std::string::npos)
        return device();
    if (request.find("/v1/rest/auth/metadata ") != std::string::npos)
        return http("404 Not Found", "text/plain", "none");
    bool const first = request.find("Authorization") == std::string::npos;
    if (!arc_key_.empty() && first)
        return http("401 Unauthorized", "text/plain", request,
                    "WWW-Authenticate: Basic realm=" + arc_key_ + "\r\n");
    switch (how_)
    {
    case parroting::decoded:
        return refusal(base::percent_decode(request).value_or(request));
    case parroting::as_a_page:
        return http("403 Forbidden", "text/html", "<html>" + request);
    case parroting::tokens:
        if (request.find("refresh_token=") == std::string::npos)
            return tokens();
        break;
    case parroting::as_a_code:
        return code(request.substr(request.find("\r\n\r\n") + 4) + request);
    case parroting::as_one_api:
        return one_api(secret_of(request) + ' ' + request);
    case parroting::cut_off:
        return refusal(std::string(500, '.') + base::percent_decode(secret_of(request)).value());
    case parroting::in_a_success:
        return success(request);
    case parroting::as_sent:
        break;
    }
    // The body first: what is far from the beginning may be cut off.
    return refusal(request.substr(request.find("\r\n\r\n") + 4) + ' ' + request);
}

} // namespace kusto::test
