#include "client.hpp"
#include "scripted_server.hpp"
#include <boost/test/unit_test.hpp>
#include <memory>

using namespace kusto;
using namespace kusto::test;
using async::http_method;

namespace
{

void answer_all(peer& client)
{
    while (true)
    {
        client.read_request();
        client.write(ok_reply("known"));
    }
}

net::transport_options trusting(std::string pem)
{
    net::transport_options options;
    options.ca_pem = std::move(pem);
    return options;
}

async::tls_peer pinned(std::string thumbprint)
{
    async::tls_peer made;
    made.thumbprint = std::move(thumbprint);
    return made;
}

async::tls_peer authorised(std::string ca_pem, std::string server_name = "")
{
    async::tls_peer made;
    made.ca_pem = std::move(ca_pem);
    made.server_name = std::move(server_name);
    return made;
}

result<async::http_response> ask(client& it, std::string const& url, async::tls_peer peer)
{
    auto get = request(http_method::get, url);
    get.peer = std::make_shared<async::tls_peer const>(std::move(peer));
    return it.send(std::move(get));
}

void check_refused(result<async::http_response> const& reply, std::string const& hint)
{
    check_failure(reply, errc::certificate_rejected, stage::handshake, outcome::failed, false);
    BOOST_TEST(reply.error().message().find(hint) != std::string::npos, reply.error().message());
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_peer_suite)

BOOST_AUTO_TEST_CASE(a_pinned_certificate_is_accepted_whatever_it_says)
{
    authority const ca;
    for (auto const& identity :
         {self_signed("DNS:elsewhere.test"), ca.issue("DNS:elsewhere.test", validity{-5, -1})})
        for (bool const upper : {false, true})
            for (bool const without_tls13 : {false, true})
            {
                auto shown = identity;
                shown.without_tls13 = without_tls13;
                scripted_server server(answer_all, shown);
                client it;
                auto print = thumbprint_of(identity);
                if (upper)
                    for (auto& c : print)
                        c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
                auto const reply = ask(it, server.url("/", "localhost"), pinned(print));
                BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
                BOOST_TEST(reply->body == "known");
            }
}

BOOST_AUTO_TEST_CASE(no_other_certificate_is_accepted)
{
    authority const ca;
    auto const identity = ca.issue("DNS:localhost");
    auto wrong = thumbprint_of(identity);
    wrong.back() = wrong.back() == '0' ? '1' : '0';
    scripted_server server(answer_all, identity);
    // Trusted by its authority, too.
    client it(trusting(ca.pem()));
    auto const hint = "only the one with the given thumbprint";
    check_refused(ask(it, server.url("/", "localhost"), pinned(wrong)), hint);
    check_refused(ask(it, server.url("/", "localhost"), pinned(std::string(40, '0'))), hint);
    BOOST_TEST(ask(it, server.url("/", "localhost"), pinned(thumbprint_of(identity))).has_value());
}

BOOST_AUTO_TEST_CASE(a_thumbprint_that_is_none)
{
    authority const ca;
    scripted_server server(answer_all, ca.issue("DNS:localhost"));
    client it(trusting(ca.pem()));
    for (auto const& bad : {std::string("00"), std::string(64, '0'), std::string(39, '0') + "g"})
    {
        auto const reply = ask(it, server.url("/", "localhost"), pinned(bad));
        check_failure(reply, errc::invalid_option, stage::handshake, outcome::failed, false);
        BOOST_TEST(reply.error().message().find("40 hexadecimal digits") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_peer_without_tls_is_refused_before_anything_is_sent)
{
    scripted_server server(answer_all);
    client it;
    check_failure(ask(it, server.url(), pinned(std::string(40, '0'))), errc::invalid_url,
                  stage::send, outcome::failed, false);
    BOOST_TEST(server.accepted() == 0u);
}

BOOST_AUTO_TEST_CASE(a_pinned_connection_serves_nobody_else)
{
    auto const identity = self_signed("DNS:localhost");
    auto const print = thumbprint_of(identity);
    scripted_server server(answer_all, identity);
    client it;
    auto const url = server.url("/", "localhost");
    BOOST_TEST(ask(it, url, pinned(print)).has_value());
    BOOST_TEST(ask(it, url, pinned(print)).has_value());
    BOOST_TEST(server.accepted() == 1u);
    check_failure(it.get(url), errc::certificate_rejected, stage::handshake, outcome::failed,
                  false);
    check_refused(ask(it, url, pinned(std::string(40, '0'))), "thumbprint");
    BOOST_TEST(server.accepted() == 3u);
}

BOOST_AUTO_TEST_CASE(another_name_is_asked_for_and_expected)
{
    authority const ca;
    std::string name;
    scripted_server server(
        [&](peer& client)
        {
            name = client.server_name();
            answer_all(client);
        },
        ca.issue("DNS:inner.test"));
    client it(trusting(ca.pem()));
    async::tls_peer inner;
    inner.server_name = "inner.test";
    auto const reply = ask(it, server.url("/", "localhost"), inner);
    BOOST_REQUIRE_MESSAGE(reply.has_value(), reply.error().describe());
    BOOST_TEST(name == "inner.test");
    inner.server_name = "other.test";
    check_refused(ask(it, server.url("/", "localhost"), inner), "hostname mismatch");
    check_failure(it.get(server.url("/", "localhost")), errc::certificate_rejected,
                  stage::handshake, outcome::failed, false);
}

BOOST_AUTO_TEST_CASE(authorities_of_a_peer_replace_the_usual_ones)
{
    authority const usual;
    authority const own;
    scripted_server server(answer_all, own.issue("DNS:localhost,DNS:inner.test"));
    client it(trusting(usual.pem()));
    auto const url = server.url("/", "localhost");
    BOOST_TEST(ask(it, url, authorised(own.pem())).has_value());
    BOOST_TEST(ask(it, url, authorised(own.pem(), "inner.test")).has_value());
    check_refused(ask(it, url, authorised(own.pem(), "other.test")), "hostname mismatch");
    check_refused(ask(it, url, authorised(usual.pem())), "authorities given for this server");
    check_failure(it.get(url), errc::certificate_rejected, stage::handshake, outcome::failed,
                  false);

    scripted_server common(answer_all, usual.issue("DNS:localhost"));
    auto const common_url = common.url("/", "localhost");
    BOOST_TEST(it.get(common_url).has_value());
    check_refused(ask(it, common_url, authorised(own.pem())), "authorities given for this server");
}

BOOST_AUTO_TEST_CASE(authorities_of_a_peer_that_are_none)
{
    authority const ca;
    scripted_server server(answer_all, ca.issue("DNS:localhost"));
    client it(trusting(ca.pem()));
    auto const reply = ask(it, server.url("/", "localhost"), authorised("CANARY"));
    check_failure(reply, errc::invalid_option, stage::handshake, outcome::failed, false);
    BOOST_TEST(reply.error().message().find("no usable certificate") != std::string::npos);
    BOOST_TEST(reply.error().describe().find("CANARY") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_authorities_one_after_another)
{
    client it;
    for (int i = 0; i < 12; ++i)
    {
        authority const ca;
        scripted_server server(answer_all, ca.issue("DNS:localhost"));
        BOOST_TEST(ask(it, server.url("/", "localhost"), authorised(ca.pem())).has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
