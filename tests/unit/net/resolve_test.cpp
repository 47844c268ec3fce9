#include "resolver_double.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <net/resolve.hpp>
#include <string>

using namespace kusto;
namespace asio = boost::asio;

namespace
{

std::string addresses_of(std::string const& host)
{
    asio::io_context context;
    net::resolve_result found;
    asio::co_spawn(
        context,
        net::resolve(context.get_executor(), host, 7, deadline::after(std::chrono::seconds(5))),
        [&](std::exception_ptr thrown, net::resolve_result made)
        {
            BOOST_TEST((thrown == nullptr));
            found = std::move(made);
        });
    context.run();
    BOOST_TEST(!found.ec, host << ": " << found.ec.message());
    std::string text;
    for (auto const& each : found.endpoints)
    {
        BOOST_TEST(each.port() == 7);
        text.append(text.empty() ? "" : " ").append(each.address().to_string());
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(resolve_suite)

BOOST_AUTO_TEST_CASE(names_of_this_machine_are_not_looked_up)
{
    struct row
    {
        char const* host;
        char const* addresses;
    };
    // The resolver of this program places every name below localhost elsewhere.
    for (auto const& r :
         {row{"localhost", "127.0.0.1 ::1"}, row{"LocalHost", "127.0.0.1 ::1"},
          row{"kusto.localhost", "127.0.0.1 ::1"}, row{"ingest-a.b.localhost", "127.0.0.1 ::1"},
          row{"not.localhost.double", "127.0.0.1"}, row{"first-dead.double", "127.0.0.2 127.0.0.1"},
          row{"127.0.0.3", "127.0.0.3"}, row{"::1", "::1"}, row{"192.0.2.9", "192.0.2.9"}})
        BOOST_TEST(addresses_of(r.host) == r.addresses, r.host);
}

BOOST_AUTO_TEST_SUITE_END()
