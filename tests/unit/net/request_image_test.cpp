#include "client.hpp"
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <net/request_image.hpp>

using namespace kusto;
using async::http_method;
using async::http_request;
using net::request_image;

namespace
{

constexpr char const* plain_url = "http://host.test:81/a/b?sig=x%2Fy";

std::string sent(http_request const& request)
{
    auto const image = request_image::make(request, "agent/1").value();
    std::string all;
    for (auto const& each : image.buffers())
        all.append(static_cast<char const*>(each.data()), each.size());
    BOOST_TEST(all.size() == image.size());
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(request_image_suite)

BOOST_AUTO_TEST_CASE(a_get_has_host_and_agent_and_no_length)
{
    http_request get(http_method::get, base::url::parse(plain_url).value());
    get.header("x-ms-version", "2019-12-12");
    BOOST_TEST(sent(get) == "GET /a/b?sig=x%2Fy HTTP/1.1\r\nHost: host.test:81\r\n"
                            "x-ms-version: 2019-12-12\r\nUser-Agent: agent/1\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(put_and_post_always_have_a_length)
{
    for (auto const method : {http_method::put, http_method::post})
    {
        http_request empty(method, base::url::parse(plain_url).value());
        BOOST_TEST(sent(empty).find("\r\nContent-Length: 0\r\n") != std::string::npos);
    }
    for (auto const method : {http_method::get, http_method::head, http_method::del})
    {
        http_request empty(method, base::url::parse(plain_url).value());
        BOOST_TEST(sent(empty).find("Content-Length") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(parts_are_sent_instead_of_the_body_and_are_not_copied)
{
    http_request put(http_method::put, base::url::parse(plain_url).value());
    put.body = "not this";
    std::string const first = "abc";
    std::string const second = "defg";
    put.body_parts.push_back(std::as_bytes(std::span(first)));
    put.body_parts.push_back({});
    put.body_parts.push_back(std::as_bytes(std::span(second)));
    auto const text = sent(put);
    BOOST_TEST(text.find("\r\nContent-Length: 7\r\n") != std::string::npos);
    BOOST_TEST(text.ends_with("\r\n\r\nabcdefg"));
    auto const image = request_image::make(put, "").value();
    BOOST_TEST(image.buffers().back().data() == static_cast<void const*>(second.data()));
}

BOOST_AUTO_TEST_CASE(the_callers_agent_wins_and_framing_fields_are_ours)
{
    http_request post(http_method::post, base::url::parse(plain_url).value());
    post.header("user-agent", "mine").header("CONTENT-LENGTH", "99").header("host", "evil");
    post.header("Transfer-Encoding", "chunked").header("connection", "upgrade");
    post.body = "12345";
    auto const text = sent(post);
    BOOST_TEST(text.find("user-agent: mine\r\n") != std::string::npos);
    BOOST_TEST(text.find("agent/1") == std::string::npos);
    BOOST_TEST(text.find("99") == std::string::npos);
    BOOST_TEST(text.find("evil") == std::string::npos);
    BOOST_TEST(text.find("chunked") == std::string::npos);
    BOOST_TEST(text.find("upgrade") == std::string::npos);
    BOOST_TEST(text.find("Content-Length: 5\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_fields_that_would_break_the_header)
{
    std::pair<char const*, char const*> const bad[] = {
        {"x-a", "one\r\nx-b: two"},
        {"x-a", "one\n"},
        {"x-a", "\x01"},
        {"x-a", "\x7f"},
        {"x a", "one"},
        {"", "one"},
        {"x-a:", "one"},
        {"x-\xc3\xa4", "one"},
    };
    for (auto const& [name, value] : bad)
    {
        http_request get(http_method::get, base::url::parse(plain_url).value());
        get.where = stage::upload;
        get.header("x-ms-client-request-id", "id").header(name, value);
        auto const image = request_image::make(get, "");
        BOOST_REQUIRE(image.has_error());
        BOOST_TEST((image.error().code() == errc::invalid_option));
        BOOST_TEST((image.error().where() == stage::upload));
        BOOST_TEST(image.error().host() == "host.test:81");
        BOOST_TEST(image.error().request_id() == "id");
        BOOST_TEST(image.error().message().find("two") == std::string::npos);
    }
    http_request tab(http_method::get, base::url::parse(plain_url).value());
    tab.header("x-a", "one\ttwo \xc3\xa4");
    BOOST_TEST(request_image::make(tab, "").has_value());
}

BOOST_AUTO_TEST_CASE(refuses_targets_that_would_break_the_request_line)
{
    auto const base = base::url::parse("http://host.test/").value();
    for (std::string const bad : {"/a b", "/a\r\nX: y", "/a\tb"})
    {
        BOOST_TEST((request_image::make(http_request(http_method::get, base.with_target(bad)), "")
                        .error()
                        .code() == errc::invalid_url));
        auto const in_query =
            request_image::make(http_request(http_method::get, base.with_target("/", bad)), "");
        BOOST_TEST((in_query.error().code() == errc::invalid_url));
    }
}

BOOST_AUTO_TEST_CASE(an_ipv6_host_has_brackets)
{
    http_request get(http_method::get, base::url::parse("https://[::1]:8443/x").value());
    BOOST_TEST(sent(get).find("\r\nHost: [::1]:8443\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
