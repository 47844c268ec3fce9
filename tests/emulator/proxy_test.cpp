#include <emulator/cluster_session.hpp>

#include <barrier>
#include <emulator/server/encoding.hpp>
#include <kusto/emulator/connect_proxy.hpp>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

constexpr char const* host = "c.westeurope.kusto.windows.net";
constexpr char const* engine_authority = "c.westeurope.kusto.windows.net:443";

cluster_options named()
{
    return quick()
        .also_named(host)
        .also_named("login.local")
        .metadata_endpoints("https://" + std::string(host), "https://ingest-" + std::string(host),
                            "https://login.local");
}

https_client::fields with(std::string const& user_and_password)
{
    return {{"Proxy-Authorization", "Basic " + base64_encode(user_and_password)}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(proxies)

BOOST_AUTO_TEST_CASE(a_tunnel_leads_to_the_cluster)
{
    cluster local(named());
    connect_proxy proxy(connect_proxy_options()
                            .route(engine_authority, local.engine_url())
                            .route("login.local:443", local.engine_url())
                            .credentials("user", "p:ss"));
    https_client engine(proxy.url(), "");
    BOOST_REQUIRE(engine.connect_through("C.westeurope.Kusto.windows.net:443", with("user:p:ss"),
                                         local.ca_pem()) == 200);
    auto const metadata = json::parse(engine.send("GET", "/v1/rest/auth/metadata").body);
    BOOST_TEST(metadata.at("AzureAD").at("LoginEndpoint").as_string() == "https://login.local");
    BOOST_TEST(engine.send("GET", "/v1/rest/auth/metadata").status == 200);
    auto const counts = proxy.counts();
    BOOST_TEST(counts.requests == 1U);
    BOOST_TEST(counts.tunnels == 1U);
    BOOST_TEST(counts.refused == 0U);
    BOOST_REQUIRE(counts.asked.size() == 1U);
    BOOST_TEST(counts.asked[0] == "C.westeurope.Kusto.windows.net:443");
    BOOST_TEST(counts.other_headers.empty());
}

BOOST_AUTO_TEST_CASE(credentials_are_needed_and_checked)
{
    cluster local(named());
    connect_proxy proxy(connect_proxy_options()
                            .route(engine_authority, local.engine_url())
                            .credentials("user", "secret"));
    for (auto const& headers : {https_client::fields(), with("user:wrong"), with("secret:user")})
    {
        https_client client(proxy.url(), "");
        BOOST_TEST(client.connect_through(engine_authority, headers, local.ca_pem()) == 407);
    }
    BOOST_TEST(proxy.counts().refused == 3U);
    BOOST_TEST(proxy.counts().tunnels == 0U);
}

BOOST_AUTO_TEST_CASE(headers_that_are_not_its_business_are_noted)
{
    connect_proxy proxy;
    https_client client(proxy.url(), "");
    client.connect_through("nowhere.local:443",
                           {{"Authorization", "Bearer x"}, {"User-Agent", "test"}}, "");
    auto const noted = proxy.counts().other_headers;
    BOOST_REQUIRE(noted.size() == 2U);
    BOOST_TEST(noted[0] == "Authorization");
}

BOOST_AUTO_TEST_CASE(it_reaches_loopback_only_and_only_by_tunnels)
{
    cluster local(quick());
    connect_proxy proxy;
    auto const status = [&](std::string const& authority)
    {
        https_client client(proxy.url(), "");
        return client.connect_through(authority, {}, local.ca_pem());
    };
    BOOST_TEST(status("example.com:443") == 502);
    BOOST_TEST(status("localhost") == 502);
    BOOST_TEST(status(local.engine_url().substr(8)) == 200);
    https_client plain(proxy.url(), "");
    BOOST_TEST(plain.send("GET", "http://example.com/").status == 405);
    BOOST_TEST(proxy.counts().requests == 4U);
}

BOOST_AUTO_TEST_CASE(it_refuses_as_it_is_told)
{
    cluster local(named());
    connect_proxy proxy(
        connect_proxy_options().route(engine_authority, local.engine_url()).refuse(403));
    https_client client(proxy.url(), "");
    BOOST_TEST(client.connect_through(engine_authority, {}, local.ca_pem()) == 403);
}

BOOST_AUTO_TEST_CASE(the_certificate_has_the_names_that_were_asked_for)
{
    cluster local(quick());
    connect_proxy proxy(connect_proxy_options().route(engine_authority, local.engine_url()));
    https_client client(proxy.url(), "");
    BOOST_CHECK_THROW(client.connect_through(engine_authority, {}, local.ca_pem()), std::exception);
}

BOOST_AUTO_TEST_CASE(the_host_is_the_destination)
{
    cluster local(quick());
    connect_proxy proxy;
    auto const to = local.engine_url().substr(8);
    auto const status = [&](std::string const& head)
    { return https_client(proxy.url(), "").send_raw(head + "\r\n\r\n").status; };
    auto const line = "CONNECT " + to + " HTTP/1.1";
    BOOST_TEST(status(line) == 400);
    BOOST_TEST(status(line + "\r\nHost: localhost") == 400);
    BOOST_TEST(status(line + "\r\nHost: other.local:443") == 400);
    BOOST_TEST(status("CONNECT " + to + " HTTP/1.0\r\nHost: other.local:443") == 400);
    BOOST_TEST(status("CONNECT " + to + " HTTP/1.0\r\nHost:") == 400);
    BOOST_TEST(status("CONNECT " + to + " HTTP/0.9\r\nHost: " + to) == 400);
    BOOST_TEST(status("CONNECT " + to) == 400);
    BOOST_TEST(status(line + "\r\nno header") == 400);
    BOOST_TEST(proxy.counts().refused == 8U);
    BOOST_TEST(proxy.counts().tunnels == 0U);
    https_client right(proxy.url(), "");
    BOOST_TEST(right.connect_through(to, {}, local.ca_pem()) == 200);
}

BOOST_AUTO_TEST_CASE(old_clients_make_tunnels)
{
    cluster local(named());
    connect_proxy proxy(connect_proxy_options().route(engine_authority, local.engine_url()));
    auto const status = [&](std::string const& head)
    { return https_client(proxy.url(), "").send_raw(head + "\r\n\r\n", true).status; };
    std::string const line = "CONNECT " + std::string(engine_authority);
    // As Python's http.client, and what is built on it, had it for long.
    BOOST_TEST(status(line + " HTTP/1.0") == 200);
    BOOST_TEST(status(line + " HTTP/1.0\r\nHost: " + engine_authority) == 200);
    BOOST_TEST(status(line + " HTTP/1.0\r\nHost: " + host) == 200);
    BOOST_TEST(status(line + " HTTP/1.1\r\nHost: " + host) == 200);
    BOOST_TEST(status(line + " HTTP/1.1") == 400);
    BOOST_TEST(status(line + " HTTP/1.1\r\nHost: ingest-" + host) == 400);
    BOOST_TEST(status(line + " HTTP/1.1\r\nHost: " + host + ":80") == 400);
    BOOST_TEST(proxy.counts().tunnels == 4U);
    BOOST_TEST(proxy.counts().refused == 3U);
}

BOOST_AUTO_TEST_CASE(it_outlives_a_lack_of_descriptors)
{
    connect_proxy proxy;
    auto const url = proxy.url();
    auto const port = std::stoi(url.substr(url.rfind(':') + 1));
    int const client = ::socket(AF_INET, SOCK_STREAM, 0);
    int const free_one = ::dup(client);
    ::close(free_one);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(free_one);
    ::setrlimit(RLIMIT_NOFILE, &none);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const connected = ::connect(client, reinterpret_cast<sockaddr*>(&where), sizeof where);
    // The proxy must meet the lack, and nothing shows that it has.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    ::setrlimit(RLIMIT_NOFILE, &before);
    BOOST_TEST(connected == 0);
    timeval const patience{5, 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string const head = "CONNECT a.local:443 HTTP/1.1\r\nHost: a.local:443\r\n\r\n";
    BOOST_TEST(::send(client, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()));
    char answer[13] = {};
    BOOST_TEST(::recv(client, answer, 12, MSG_WAITALL) == 12);
    BOOST_TEST(std::string(answer) == "HTTP/1.1 502");
    ::close(client);
}

BOOST_AUTO_TEST_CASE(any_thread_may_stop_it)
{
    constexpr int many = 8;
    for (int round = 0; round != 20; ++round)
    {
        connect_proxy proxy;
        std::barrier ready(many);
        std::vector<std::thread> threads;
        for (int i = 0; i != many; ++i)
            threads.emplace_back(
                [&]
                {
                    ready.arrive_and_wait();
                    proxy.stop();
                });
        for (auto& each : threads)
            each.join();
        BOOST_TEST(proxy.counts().requests == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
