#include <auth/sources.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <optional>
#include <utility>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

class chain_link
{
public:
    chain_link(std::string name, source_ptr source)
        : name(std::move(name)),
          source(std::move(source))
    {
    }

    std::string name;
    source_ptr source;
};

/// The failure of a chain of which nothing is there: a line for each link.
class account_of_links
{
public:
    void add(std::string const& name, failure const& why)
    {
        lines_ += '\n' + name + ": " + why.message();
        if (!why.server_text().empty())
            lines_ += " (" + why.server_text() + ')';
        retryable_ = retryable_ || why.retryable();
    }
    [[nodiscard]] failure why() const
    {
        failure none(errc::credential_unavailable, stage::token,
                     "none of these credentials is available:" + lines_);
        none.retryable(retryable_);
        return none;
    }

private:
    std::string lines_;
    bool retryable_ = false;
};

class chain_source final : public token_source
{
public:
    chain_source(std::vector<chain_link> links, bool remember, source_context const& with)
        : links_(std::move(links)),
          log_(with.log),
          time_(*with.time),
          remember_(remember)
    {
    }

    std::chrono::seconds longest() const noexcept override
    {
        if (winner_)
            return links_[*winner_].source->longest();
        std::chrono::seconds sum(0);
        for (auto const& link : links_)
            sum += link.source->longest();
        return sum;
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        account_of_links tried;
        for (std::size_t i = winner_.value_or(0); i < links_.size(); ++i)
        {
            auto& link = links_[i];
            deadline const own(time_.now() + link.source->longest());
            auto op = link.source->acquire(wish, until.sooner(own));
            auto got = co_await std::move(op);
            if (got)
                remember(i);
            if (got || winner_ || got.error().code() != errc::credential_unavailable)
                co_return got;
            tried.add(link.name, got.error());
        }
        co_return tried.why();
    }

private:
    void remember(std::size_t link)
    {
        if (!remember_ || winner_)
            return;
        winner_ = link;
        log_(log_level::info, stage::token, "the chain of credentials keeps to one of them",
             {log_field("credential", links_[link].name)});
    }

    std::vector<chain_link> links_;
    base::logger log_;
    async::clock& time_;
    std::optional<std::size_t> winner_;
    bool remember_;
};

/// Says what is wrong with the environment's values before they are used: nobody has looked at
/// them.
source_ptr make_default_link(credential const& who, source_context const& with)
{
    auto const wrong = who.problems();
    if (wrong.empty())
        return make_source(who, with);
    return make_failing_source(
        failure(errc::invalid_option, stage::token,
                who.describe() + ": " + wrong.front() + " (the environment's AZURE_* variables)"));
}

using link_maker = source_ptr(credential const&, source_context const&);

source_ptr make_chain(std::vector<credential> const& from, bool remember, link_maker& make,
                      source_context const& with)
{
    std::vector<chain_link> links;
    for (auto const& one : from)
        links.emplace_back(one.describe(), make(one, with));
    return std::make_unique<chain_source>(std::move(links), remember, with);
}

credential managed_identity_of_environment()
{
    auto id = base::environment_variable("AZURE_CLIENT_ID");
    return id.empty() ? credential::managed_identity()
                      : credential::managed_identity(identity_id::client(std::move(id)));
}

/// The values of AZURE_TOKEN_CREDENTIALS.
enum class selection
{
    everything,
    prod,
    dev,
    environment,
    workload_identity,
    managed_identity,
    azure_cli,
    unknown,
};

selection selection_of(std::string_view text)
{
    struct row
    {
        std::string_view name;
        selection what;
    };
    constexpr std::array<row, 7> known{{
        {"", selection::everything},
        {"prod", selection::prod},
        {"dev", selection::dev},
        {"EnvironmentCredential", selection::environment},
        {"WorkloadIdentityCredential", selection::workload_identity},
        {"ManagedIdentityCredential", selection::managed_identity},
        {"AzureCliCredential", selection::azure_cli},
    }};
    auto const found =
        std::find_if(known.begin(), known.end(),
                     [&](row const& one) { return base::equal_ignoring_case(one.name, text); });
    return found == known.end() ? selection::unknown : found->what;
}

std::vector<credential> selected(selection what)
{
    bool const all = what == selection::everything;
    bool const prod = all || what == selection::prod;
    std::vector<credential> links;
    if (prod || what == selection::environment)
        links.push_back(credential::environment());
    if (prod || what == selection::workload_identity)
        links.push_back(credential::workload_identity());
    if (prod || what == selection::managed_identity)
        links.push_back(managed_identity_of_environment());
    if (all || what == selection::dev || what == selection::azure_cli)
        links.push_back(credential::azure_cli());
    return links;
}

} // namespace

source_ptr make_chain_source(detail::chain_data const& data, source_context const& with)
{
    auto probing = with;
    probing.probing = true;
    return make_chain(data.links, data.remember, make_source, probing);
}

source_ptr make_default_chain_source(source_context const& with)
{
    auto const text = base::environment_variable("AZURE_TOKEN_CREDENTIALS");
    auto const what = selection_of(base::trim(text));
    if (what == selection::unknown)
        return make_failing_source(
            failure(errc::invalid_option, stage::token,
                    "AZURE_TOKEN_CREDENTIALS must be prod, dev, EnvironmentCredential, "
                    "WorkloadIdentityCredential, ManagedIdentityCredential or AzureCliCredential"));
    auto inner = with;
    // Who names the managed identity says that it is there.
    inner.probing = what != selection::managed_identity;
    return make_chain(selected(what), true, make_default_link, inner);
}

} // namespace kusto::auth
