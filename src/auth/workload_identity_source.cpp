#include <auth/amended.hpp>
#include <auth/sources.hpp>
#include <auth/token_exchange.hpp>
#include <auth/token_proxy.hpp>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <base/small_file.hpp>
#include <optional>
#include <utility>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

constexpr char const* file_variable = "AZURE_FEDERATED_TOKEN_FILE";

/// Takes what is empty from the environment, and names what is missing there as well.
class environment_values
{
public:
    void fill(std::string& value, char const* variable)
    {
        if (value.empty())
            value = base::environment_variable(variable);
        if (value.empty())
            missing_.append(missing_.empty() ? "" : ", ").append(variable);
    }

    [[nodiscard]] std::string const& missing() const noexcept { return missing_; }

private:
    std::string missing_;
};

result<base::secret> read_token(std::string const& path)
{
    constexpr std::size_t longest = std::size_t(64) * 1024;
    auto const bad = [&](std::string const& problem)
    {
        return failure(errc::invalid_option, stage::token,
                       "the federated token's file " + path + " " + problem + "; it is what " +
                           file_variable + " or the options name");
    };
    auto const content = base::read_small_file(path, longest);
    if (!content)
        return amended(content.error(), std::string("it is what ") + file_variable +
                                            " or the options name, and holds the federated token");
    auto const token = base::trim(content->reveal());
    if (token.empty())
        return bad("holds blanks only");
    if (!base::is_visible(token))
        return bad("does not hold a token: there are blanks or control characters in it");
    return base::secret(token);
}

class workload_identity_source final : public token_source
{
public:
    workload_identity_source(detail::workload_identity_data data, std::optional<token_proxy> proxy,
                             std::string name, source_context const& with)
        : data_(std::move(data)),
          proxy_(std::move(proxy)),
          exchange_(with, std::move(name))
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        auto const url = wire::token_url(wish.login_endpoint, data_.tenant_id);
        if (!url)
            co_return url.error();
        auto const target = proxy_ ? proxy_->instead_of(*url) : *url;
        form_maker make = [this, wish](base::utc_time_point) { return form(wish); };
        auto got = co_await exchange_.acquire(target, std::move(make), until);
        co_return got;
    }

private:
    result<token_form> form(token_wish const& wish)
    {
        auto const token = read_token(data_.token_file);
        if (!token)
            return token.error();
        std::vector<base::secret> hidden(1, *token);
        wire::token_grant const grant(data_.client_id, data_.tenant_id, wish.scope, wish.claims);
        token_form made(wire::client_assertion_form(grant, token->reveal()), std::move(hidden));
        if (!proxy_)
            return made;
        auto const peer = proxy_->peer();
        if (!peer)
            return peer.error();
        made.peer = *peer;
        return made;
    }

    detail::workload_identity_data data_;
    std::optional<token_proxy> proxy_;
    token_exchange exchange_;
};

} // namespace

source_ptr make_workload_identity_source(detail::workload_identity_data const& data,
                                         std::string name, source_context const& with)
{
    auto whole = data;
    environment_values from;
    from.fill(whole.client_id, "AZURE_CLIENT_ID");
    from.fill(whole.tenant_id, "AZURE_TENANT_ID");
    from.fill(whole.token_file, file_variable);
    auto const fail = [&](errc code, std::string const& problem)
    { return make_failing_source(failure(code, stage::token, name + ": " + problem)); };
    if (!from.missing().empty())
        return fail(errc::credential_unavailable,
                    "not set: " + from.missing() +
                        "; on AKS the label azure.workload.identity/use of the pod has them set");
    // The options were checked before; what the environment says was not.
    auto const who =
        credential::workload_identity(whole.client_id, whole.tenant_id, whole.token_file);
    auto const problems = who.problems();
    if (!problems.empty())
        return fail(errc::invalid_option, problems.front());
    auto proxy = token_proxy::from_environment();
    if (!proxy)
        return fail(errc::invalid_option, proxy.error().message());
    return std::make_unique<workload_identity_source>(std::move(whole), *std::move(proxy),
                                                      who.describe(), with);
}

} // namespace kusto::auth
