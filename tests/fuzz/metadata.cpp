// Cloud metadata: the reply of a host that is not trusted yet.
#include "fuzzing.hpp"

#include <base/endpoint_url.hpp>
#include <wire/endpoints.hpp>
#include <wire/metadata.hpp>

using namespace kusto;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    fuzz::input from(data, size);
    constexpr int statuses[] = {200, 200, 200, 200, 404, 429, 500, 302};
    int const status = statuses[from.byte() % 8];
    auto const body = from.rest();
    wire::header_list const headers;
    wire::reply const reply(status, headers, body, "c.kusto.windows.net", "id", stage::metadata);
    auto const cloud = wire::parse_metadata(reply);
    if (!cloud)
    {
        fuzz::require(fuzz::is_one_line(cloud.error().describe()), "the failure is one line");
        return 0;
    }
    fuzz::require(cloud->scope().ends_with("/.default"), "a scope ends in /.default");
    fuzz::require(!cloud->login_endpoint.empty(), "there is a login endpoint");
    auto const cluster = base::parse_endpoint("https://c.kusto.windows.net");
    auto const login = base::parse_endpoint(cloud->login_endpoint);
    if (login && wire::is_known_login_endpoint(*login, *cluster))
        fuzz::require(login->is_https() && login->host().find("login") != std::string::npos,
                      "secrets go to login hosts of known clouds only");
    return 0;
}
