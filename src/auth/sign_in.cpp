#include <auth/sign_in.hpp>

#include <base/endpoint_url.hpp>
#include <base/environment.hpp>
#include <wire/http.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

sign_in::sign_in(std::shared_ptr<async::transport> transport, connection_options const& options,
                 async::clock& time)
    : trust_(options.trusted_hosts()),
      authority_(options.authority_host()),
      usual_authority_(base::environment_variable("AZURE_AUTHORITY_HOST"))
{
    if (authority_.empty())
    {
        authority_by_ = "AadAuthorityUri";
        authority_ = base::environment_variable("AadAuthorityUri");
    }
    auto const endpoints =
        wire::cluster_endpoints::parse(options.cluster_url(), options.ingestion_url());
    auto const cluster = base::parse_endpoint(options.cluster_url());
    if (!endpoints || !cluster)
    {
        bad_url_ = endpoints ? cluster.error() : endpoints.error();
        return;
    }
    // The token goes to both services, so both must be trusted.
    hosts_.push_back(endpoints->engine);
    hosts_.push_back(endpoints->ingestion);
    metadata_ = std::make_unique<metadata_source>(std::move(transport), *cluster, options, time);
}

result<void> sign_in::check_hosts() const
{
    if (bad_url_)
        return *bad_url_;
    for (auto const& host : hosts_)
    {
        auto checked = trust_.check_before_contact(host);
        if (!checked)
            return checked;
    }
    return {};
}

std::string sign_in::login_for(wire::cloud_metadata const& cloud) const
{
    if (!authority_.empty())
        return authority_;
    bool const usual = !cloud.names_login && !usual_authority_.empty();
    return usual ? usual_authority_ : cloud.login_endpoint;
}

failure sign_in::bad_authority(failure const& why) const
{
    auto const* const by = authority_.empty() ? "AZURE_AUTHORITY_HOST" : authority_by_;
    return failure(errc::invalid_option, stage::options,
                   std::string(by) + " must be a URL such as https://login.microsoftonline.com: " +
                       why.message());
}

result<std::string> sign_in::choose_login(wire::cloud_metadata const& cloud) const
{
    auto const login = login_for(cloud);
    bool const by_user = !authority_.empty() || login == usual_authority_;
    auto const parsed = base::parse_endpoint(login);
    if (by_user && !parsed)
        return bad_authority(parsed.error());
    for (auto const& host : hosts_)
    {
        // An authority that the user named may be an alias that the table of clouds does not have.
        if (by_user && trust_.check_login(host, cloud.login_endpoint))
            continue;
        auto const checked = trust_.check_login(host, login);
        if (!checked)
            return checked.error();
    }
    if (parsed && (by_user || wire::is_known_login_endpoint(*parsed, hosts_.front())))
        return login;
    auto const place = wire::printable(login, 128);
    failure why(errc::untrusted_endpoint, stage::metadata,
                "the cluster " + hosts_.front().authority() + " names the login endpoint " + place +
                    ", which belongs to no known cloud. If it may receive your secrets, set "
                    "connection_options::authority_host or the variable AadAuthorityUri to it");
    why.host(parsed ? parsed->authority() : hosts_.front().authority());
    return why;
}

asio::awaitable<result<token_wish>> sign_in::find(deadline until)
{
    auto const checked = check_hosts();
    if (!checked)
        co_return checked.error();
    auto const cloud = co_await metadata_->get(until);
    if (!cloud)
        co_return cloud.error();
    auto const login = choose_login(*cloud);
    if (!login)
        co_return login.error();
    co_return token_wish(cloud->scope(), *login, cloud->client_app_id);
}

} // namespace kusto::auth
