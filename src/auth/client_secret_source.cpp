#include <auth/sources.hpp>
#include <auth/token_exchange.hpp>
#include <utility>
#include <wire/token.hpp>

namespace kusto::auth
{

namespace asio = boost::asio;

namespace
{

class client_secret_source final : public token_source
{
public:
    client_secret_source(detail::client_secret_data const& data, std::string name,
                         source_context const& with)
        : data_(data),
          exchange_(with, std::move(name))
    {
    }

    asio::awaitable<result<issued_token>> acquire(token_wish wish, deadline until) override
    {
        auto const url = wire::token_url(wish.login_endpoint, data_.tenant_id);
        if (!url)
            co_return url.error();
        form_maker make = [this, wish](base::utc_time_point)
        { return result<token_form>(form(wish)); };
        auto got = co_await exchange_.acquire(*url, std::move(make), until);
        co_return got;
    }

private:
    [[nodiscard]] token_form form(token_wish const& wish) const
    {
        std::vector<base::secret> hidden(1, data_.client_secret);
        wire::token_grant const grant(data_.client_id, data_.tenant_id, wish.scope, wish.claims);
        return token_form(wire::client_secret_form(grant, data_.client_secret.reveal()),
                          std::move(hidden));
    }

    detail::client_secret_data data_;
    token_exchange exchange_;
};

} // namespace

source_ptr make_client_secret_source(detail::client_secret_data const& data, std::string name,
                                     source_context const& with)
{
    return std::make_unique<client_secret_source>(data, std::move(name), with);
}

} // namespace kusto::auth
