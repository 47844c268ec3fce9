// Connection strings: any text is either options or a typed error that fits in one line and shows no
// secret.
#include "fuzzing.hpp"

#include <kusto/options.hpp>
#include <options/credential_data.hpp>

using namespace kusto;

namespace
{

std::string said_of(connection_options const& options)
{
    std::string shown = options.who().describe();
    for (auto const& problem : options.problems())
        shown += problem.name + ' ' + problem.value + ' ' + problem.allowed + ' ';
    return shown;
}

void look_at(connection_options const& options)
{
    auto const shown = said_of(options);
    auto const* const secret =
        std::get_if<detail::client_secret_data>(&options.who().data().what);
    if (secret == nullptr || secret->client_secret.size() < 12)
        return;
    auto const value = std::string(secret->client_secret.reveal());
    if (shown.find(value) == std::string::npos)
        return;
    // What is said whatever the secret is comes from elsewhere: the name of the database may be the
    // same text, and so may words of ours, which the fuzzer learns from comparisons.
    auto other = options;
    other.who(credential::client_secret(secret->client_id, std::string(value.size(), '~'),
                                        secret->tenant_id));
    fuzz::require(said_of(other).find(value) != std::string::npos, "the client secret is not shown");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const text(reinterpret_cast<char const*>(data), size);
    try
    {
        look_at(connection_options::from_connection_string(text));
    }
    catch (error const& e)
    {
        fuzz::require(e.why().code() == errc::invalid_connection_string ||
                          e.why().code() == errc::invalid_option,
                      "the error is about the connection string");
        fuzz::require(!e.why().message().empty(), "the error says something");
        fuzz::require(fuzz::is_one_line(e.why().describe()), "the error is one line");
    }
    return 0;
}
