#include <net/reply_reader.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string_view>

using namespace kusto;
using net::reply_reader;

namespace
{

/// Feeds `text` in pieces of `step` bytes; stops when the reader has had enough.
void feed(reply_reader& reader, std::string_view text, std::size_t step)
{
    while (!text.empty() && !reader.done() && !reader.failed())
    {
        auto const into = reader.prepare();
        auto const size = (std::min)({step, text.size(), into.size()});
        std::memcpy(into.data(), text.data(), size);
        reader.commit(size);
        text.remove_prefix(size);
    }
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 64, 100000};

class parsed
{
public:
    parsed(std::string_view text, std::size_t step, bool eof = false, bool head = false,
           std::size_t header_limit = 65536, std::size_t body_limit = 1000)
        : reader(head, header_limit, body_limit)
    {
        feed(reader, text, step);
        if (eof && !reader.done() && !reader.failed())
            reader.end_of_stream();
    }

    errc code() const
    {
        BOOST_REQUIRE(reader.failed());
        return reader.why().code();
    }

    reply_reader reader;
};

std::string big_field(std::size_t size)
{
    return "HTTP/1.1 200 OK\r\nX: " + std::string(size, 'x') + "\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(reply_reader_suite)

BOOST_AUTO_TEST_CASE(reads_a_reply_with_a_length)
{
    for (auto const step : steps)
    {
        parsed it("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-A: b\r\nx-a: c\r\n\r\nhello",
                  step);
        BOOST_REQUIRE(it.reader.done());
        BOOST_TEST(it.reader.keeps_alive());
        auto const reply = it.reader.take();
        BOOST_TEST(reply.status == 201);
        BOOST_TEST(reply.body == "hello");
        BOOST_TEST(reply.header("x-A") == "b");
        BOOST_TEST(reply.header("absent").empty());
        BOOST_TEST(reply.headers.size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(reads_chunks_with_extensions_and_trailers)
{
    for (auto const step : steps)
    {
        parsed it("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5;x=y\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-T: t\r\n\r\n",
                  step);
        BOOST_REQUIRE(it.reader.done());
        BOOST_TEST(it.reader.keeps_alive());
        BOOST_TEST(it.reader.take().body == "hello world");
    }
}

BOOST_AUTO_TEST_CASE(skips_interim_replies)
{
    for (auto const step : steps)
    {
        parsed it("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                  "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx",
                  step);
        BOOST_REQUIRE(it.reader.done());
        auto const reply = it.reader.take();
        BOOST_TEST(reply.status == 201);
        BOOST_TEST(reply.header("link").empty());
    }
    std::string endless;
    for (int i = 0; i < 100; ++i)
        endless += "HTTP/1.1 100 Continue\r\n\r\n";
    BOOST_TEST((parsed(endless, 64).code() == errc::malformed_reply));
    BOOST_TEST(
        (parsed("HTTP/1.1 101 Switching Protocols\r\n\r\n", 64).code() == errc::malformed_reply));
}

BOOST_AUTO_TEST_CASE(without_a_length_the_end_of_the_stream_ends_the_body)
{
    for (auto const step : steps)
    {
        parsed it("HTTP/1.1 200 OK\r\n\r\nall of it", step, true);
        BOOST_REQUIRE(it.reader.done());
        BOOST_TEST(!it.reader.keeps_alive());
        BOOST_TEST(it.reader.take().body == "all of it");
    }
}

BOOST_AUTO_TEST_CASE(a_head_reply_has_a_length_and_no_body)
{
    parsed it("HTTP/1.1 200 OK\r\nContent-Length: 123456789\r\n\r\n", 1, false, true);
    BOOST_REQUIRE(it.reader.done());
    BOOST_TEST(it.reader.keeps_alive());
    auto const reply = it.reader.take();
    BOOST_TEST(reply.body.empty());
    BOOST_TEST(reply.header("content-length") == "123456789");
}

BOOST_AUTO_TEST_CASE(no_content_has_no_body)
{
    parsed it("HTTP/1.1 204 No Content\r\n\r\n", 1);
    BOOST_REQUIRE(it.reader.done());
    BOOST_TEST(it.reader.keeps_alive());
}

BOOST_AUTO_TEST_CASE(tells_whether_the_connection_lives_on)
{
    auto const alive = [](std::string_view text)
    {
        parsed it(text, 100000);
        BOOST_REQUIRE(it.reader.done());
        return it.reader.keeps_alive();
    };
    BOOST_TEST(!alive("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    BOOST_TEST(!alive("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    BOOST_TEST(alive("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"));
    BOOST_TEST(!alive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nunasked"));
}

BOOST_AUTO_TEST_CASE(understands_the_keep_alive_hint)
{
    auto const hint = [](std::string const& value)
    {
        parsed it("HTTP/1.1 200 OK\r\nKeep-Alive: " + value + "\r\nContent-Length: 0\r\n\r\n", 64);
        BOOST_REQUIRE(it.reader.done());
        return it.reader.keep_alive_timeout().value_or(std::chrono::seconds(-1)).count();
    };
    BOOST_TEST(hint("timeout=5") == 5);
    BOOST_TEST(hint("max=100, Timeout=65") == 65);
    BOOST_TEST(hint("max=100") == -1);
    BOOST_TEST(hint("timeout=x") == -1);
    BOOST_TEST(hint("timeout=99999999999999") == -1);
}

BOOST_AUTO_TEST_CASE(reads_long_reason_phrases_and_headers_up_to_the_limit)
{
    parsed reason("HTTP/1.1 400 " + std::string(9000, 'r') + "\r\nContent-Length: 0\r\n\r\n", 1000);
    BOOST_TEST(reason.reader.done());
    parsed fits(big_field(60000) + "Content-Length: 0\r\n\r\n", 1000);
    BOOST_TEST(fits.reader.done());
    for (std::size_t const step : {1000u, 100000u})
    {
        BOOST_TEST((parsed(big_field(70000), step).code() == errc::reply_too_large));
        BOOST_TEST((parsed(big_field(70000) + "\r\n", step).code() == errc::reply_too_large));
    }
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 10000; ++i)
        many += "x-" + std::to_string(i) + ": y\r\n";
    BOOST_TEST((parsed(many, 1000).code() == errc::reply_too_large));
}

BOOST_AUTO_TEST_CASE(refuses_bodies_beyond_the_limit_however_they_are_framed)
{
    std::string const body(1001, 'b');
    auto const with_length =
        "HTTP/1.1 500 E\r\nx-ms-request-id: r1\r\nContent-Length: 1001\r\n\r\n";
    parsed length(with_length, 64);
    BOOST_TEST((length.code() == errc::reply_too_large));
    BOOST_TEST(length.reader.why().status() == 500);
    BOOST_TEST(length.reader.why().activity_id() == "r1");
    for (auto const step : steps)
    {
        BOOST_TEST(
            (parsed("HTTP/1.1 200 OK\r\n\r\n" + body, step, true).code() == errc::reply_too_large));
        BOOST_TEST((parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1F4\r\n" +
                               std::string(500, 'c') + "\r\n1F5\r\n" + std::string(501, 'c') +
                               "\r\n0\r\n\r\n",
                           step)
                        .code() == errc::reply_too_large));
    }
    parsed exact("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body.substr(1), 64);
    BOOST_TEST(exact.reader.done());
}

BOOST_AUTO_TEST_CASE(a_reply_cut_short_is_a_lost_connection)
{
    std::string const whole[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    };
    for (auto const& text : whole)
        for (std::size_t size = 1; size < text.size(); ++size)
            for (std::size_t const step : {1u, 100000u})
            {
                parsed it(std::string_view(text).substr(0, size), step, true);
                BOOST_TEST((it.code() == errc::connection_lost));
                BOOST_TEST(it.reader.why().retryable());
            }
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_malformed)
{
    for (std::string const text :
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})
        for (auto const step : steps)
        {
            BOOST_TEST_CONTEXT(text)
            BOOST_TEST((parsed(text, step).code() == errc::malformed_reply));
        }
}

BOOST_AUTO_TEST_CASE(redirects_are_refused_and_name_no_secret)
{
    parsed it("HTTP/1.1 302 Found\r\nx-ms-activity-id: a1\r\n"
              "Location: https://other.test/c/b?sig=secret\r\nContent-Length: 0\r\n\r\n",
              64);
    BOOST_TEST((it.code() == errc::redirect_refused));
    auto const why = it.reader.why();
    BOOST_TEST(why.status() == 302);
    BOOST_TEST(why.activity_id() == "a1");
    BOOST_TEST(why.message().find("other.test") != std::string::npos);
    BOOST_TEST(why.message().find("secret") == std::string::npos);
    BOOST_TEST((parsed("HTTP/1.1 304 Not Modified\r\n\r\n", 64).code() == errc::redirect_refused));
}

BOOST_AUTO_TEST_CASE(an_activity_id_is_one_or_is_left_out)
{
    auto const shown = [](std::string const& id, std::string const& name = "x-ms-request-id")
    {
        parsed it("HTTP/1.1 302 Found\r\n" + name + ": " + id + "\r\n\r\n", 64);
        BOOST_TEST((it.code() == errc::redirect_refused));
        return it.reader.why().activity_id();
    };
    std::string const longest(128, 'a');
    for (std::string const& id :
         {longest, std::string("KE.RunCommand;8aafdc3e-4a08_1"), std::string("|5d2c.1_2:3")})
    {
        BOOST_TEST(shown(id) == id);
        BOOST_TEST(shown(id, "x-ms-activity-id") == id);
    }
    // A part of these would not be recognised as one of a secret.
    for (std::string const& other :
         {longest + 'a', std::string("client_secret=abc"), std::string("a b"), std::string("a%2Fb"),
          std::string("a+b"), std::string("a/b"), std::string("{\"a\"}"), std::string("\xc3\xbc")})
        BOOST_TEST(shown(other) == "", other);
}

BOOST_AUTO_TEST_SUITE_END()
