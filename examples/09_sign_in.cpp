// Signs in with whatever this machine has, on a laptop, a VM, in a container or a function, and says
// what is wrong when it cannot. The program stays the same everywhere; the environment differs:
//
//   KUSTO_CLUSTER_URL=https://mycluster.westeurope.kusto.windows.net 09_sign_in
//     with AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET (or _CERTIFICATE_PATH), a workload
//     identity, a managed identity, or after `az login`
//   KUSTO_CONNECTION_STRING="Data Source=https://...;Managed Identity=system" 09_sign_in
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <iostream>
#include <kusto/client.hpp>
#include <kusto/doctor.hpp>
#include <optional>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A service of your own that hands out tokens, for what the library does not know.
asio::awaitable<kusto::access_token> ask_my_vault(kusto::token_request request)
{
    std::cerr << "a token for " << request.scope << " is wanted\n";
    // For "not here" throw this; the chain then goes on with its next link.
    throw kusto::error(kusto::failure(kusto::errc::credential_unavailable, kusto::stage::token,
                                      "there is no vault on this machine"));
    co_return kusto::access_token();
}

kusto::connection_options where_and_who()
{
    auto options = kusto::connection_options::from_environment();
    // A chain of your own: first the vault, then what the environment said.
    std::vector<kusto::credential> links;
    links.push_back(kusto::credential::callback(ask_my_vault));
    links.push_back(kusto::credential::environment());
    links.push_back(kusto::credential::managed_identity());
    return options.who(kusto::credential::chain(std::move(links)));
}

asio::awaitable<bool> run(kusto::connection_options options)
{
    auto const executor = co_await asio::this_coro::executor;
    std::cout << options.describe() << '\n'; // no secrets in it
    kusto::client service(executor, options);
    std::optional<kusto::failure> why;
    try
    {
        co_await service.connect(kusto::deadline::after(30s));
    }
    catch (kusto::error const& e)
    {
        why = e.why();
    }
    if (!why)
    {
        std::cout << "signed in\n";
        co_return true;
    }
    // Names the credential, AAD's code and what to do; each link of a chain has a line.
    std::cerr << why->describe() << '\n';
    // Everything between here and the table, as `kusto doctor` shows it.
    kusto::doctor_options const what;
    auto const diagnosis =
        co_await kusto::diagnose(executor, options, what, kusto::deadline::after(60s));
    std::cerr << to_text(diagnosis);
    co_return false;
}

int main()
{
    try
    {
        asio::io_context io;
        auto done = asio::co_spawn(io, run(where_and_who()), asio::use_future);
        io.run();
        return done.get() ? 0 : 1;
    }
    catch (kusto::error const& e)
    {
        std::cerr << e.what() << '\n';
        return 2;
    }
}
