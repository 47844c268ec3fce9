#include <auth/sources.hpp>

#include <utility>
#include <variant>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

/// Chooses by the kind of credential.
struct source_maker
{
    source_ptr operator()(detail::no_credential const&) const { return nullptr; }
    source_ptr operator()(detail::client_secret_data const& data) const
    {
        return make_client_secret_source(data, name, with);
    }
    source_ptr operator()(detail::client_certificate_data const& data) const
    {
        return make_certificate_source(data, name, with);
    }
    source_ptr operator()(detail::workload_identity_data const& data) const
    {
        return make_workload_identity_source(data, name, with);
    }
    source_ptr operator()(detail::managed_identity_data const& data) const
    {
        return make_managed_identity_source(data, name, with);
    }
    source_ptr operator()(detail::azure_cli_data const& data) const
    {
        return make_azure_cli_source(data, name, with);
    }
    source_ptr operator()(detail::device_code_data const& data) const
    {
        return make_device_code_source(data, name, with);
    }
    source_ptr operator()(detail::static_token_data const& data) const
    {
        return make_static_token_source(data, name);
    }
    source_ptr operator()(detail::callback_data const& data) const
    {
        return make_callback_source(data, with);
    }
    source_ptr operator()(detail::environment_data const&) const
    {
        return make_environment_source(with);
    }
    source_ptr operator()(detail::chain_data const& data) const
    {
        return make_chain_source(data, with);
    }
    source_ptr operator()(detail::default_chain_data const&) const
    {
        return make_default_chain_source(with);
    }

    std::string name;
    source_context const& with;
};

class failing_source final : public token_source
{
public:
    explicit failing_source(failure why) : why_(std::move(why)) {}

    asio::awaitable<result<issued_token>> acquire(token_wish, deadline) override
    {
        co_return why_;
    }

private:
    failure why_;
};

/// Asked a second time only after the service refused the token.
class static_token_source final : public token_source
{
public:
    static_token_source(base::secret token, std::string name)
        : token_(std::move(token)),
          name_(std::move(name))
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish, deadline) override
    {
        constexpr auto unlimited = std::chrono::hours(24 * 365);
        if (std::exchange(given_, true))
            co_return failure(errc::authentication_failed, stage::token,
                              "the " + name_ + " was refused by the service or has expired; "
                                               "a client with a new one is needed");
        issued_token issued(std::string(token_.reveal()), unlimited, std::nullopt);
        issued.renewable = false;
        co_return issued;
    }

private:
    base::secret token_;
    std::string name_;
    bool given_ = false;
};

} // namespace

source_ptr make_source(credential const& who, source_context const& with)
{
    source_maker const make{who.describe(), with};
    return std::visit(make, who.data().what);
}

source_ptr make_failing_source(failure why)
{
    return std::make_unique<failing_source>(std::move(why));
}

source_ptr make_static_token_source(detail::static_token_data const& data, std::string name)
{
    return std::make_unique<static_token_source>(data.token, std::move(name));
}

} // namespace kusto::auth
