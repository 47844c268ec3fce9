#include <emulator/login_fixture.hpp>

#include <emulator/server/encoding.hpp>
#include <emulator/server/exact_parameters.hpp>
#include <functional>

using namespace login_test;

namespace
{

constexpr char const* token_path = "/tenant-1/oauth2/v2.0/token";
constexpr char const* right_form =
    "grant_type=client_credentials&client_id=22222222-2222-2222-2222-222222222222"
    "&client_secret=secret&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default";

struct secret_fixture : login_fixture
{
    explicit secret_fixture(std::string secret) : login(of(std::move(secret)), tokens) {}

    static login_settings of(std::string secret)
    {
        auto out = settings(sign_in_options());
        out.client_secret = std::move(secret);
        return out;
    }

    std::int64_t sent(std::string const& secret)
    {
        std::string const body =
            "grant_type=client_credentials&client_id=" + std::string(client) +
            "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default&client_secret=" + secret;
        return code_of(login.handle(made_of(token_path, body)));
    }

    login_service login;
};

} // namespace

BOOST_AUTO_TEST_SUITE(login_forms)

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_form)
{
    login_fixture it;
    auto const code = [&](std::string const& body)
    { return code_of(it.login.handle(login_fixture::made_of(token_path, body))); };
    std::string const right = right_form;
    BOOST_TEST(code(right) == 0);
    BOOST_TEST(code(right + "&client_info=1&x-client-SKU=test%20client") == 0);
    for (char const* more :
         {"&client_id=22222222-2222-2222-2222-222222222222", "&scope=x", "&client_secret=secret",
          "&more", "&", "&=x", "&more=https://x", "&more=a=b", "&more=100%", "&more=%4",
          "&more=%zz", "&more=a b", "&more=\xc3\xbc", "&a:b=1"})
        BOOST_TEST(code(right + more) == 9002313, more);
    BOOST_TEST(code("&" + right) == 9002313);
    BOOST_TEST(code("Grant_Type" + right.substr(10)) == 900144);
    BOOST_TEST(code(right + "&resource=https%3A%2F%2Fkusto.kusto.windows.net") == 901002);
    BOOST_TEST(code("") == 900144);
    auto const long_one = right + "&more=" + std::string(256 * 1024, 'x');
    BOOST_TEST(it.login.handle(login_fixture::made_of(token_path, long_one)).status == 413);
}

BOOST_AUTO_TEST_CASE(scopes_of_an_application)
{
    login_fixture it;
    auto const sent = [&](std::string const& scope)
    {
        return it.post(token_path, {{"grant_type", "client_credentials"},
                                    {"client_id", client},
                                    {"client_secret", "secret"},
                                    {"scope", scope}});
    };
    std::string const own = std::string(kusto_resource) + "/.default";
    // As Microsoft's library for Go has it.
    auto const answer = sent(own + " openid offline_access profile");
    BOOST_TEST(code_of(answer) == 0);
    BOOST_TEST(!body_of(answer).contains("refresh_token"));
    BOOST_TEST(code_of(sent("openid " + own)) == 0);
    BOOST_TEST(code_of(sent("openid offline_access profile")) == 70011);
    BOOST_TEST(code_of(sent(own + " " + own)) == 70011);
    BOOST_TEST(code_of(sent(own + " https://graph.local/.default openid")) == 70011);
    BOOST_TEST(code_of(sent(own + " email")) == 70011);
    BOOST_TEST(code_of(sent(own + "  openid")) == 70011);
    BOOST_TEST(code_of(sent("OpenID " + own)) == 70011);
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_not_encoded_is_found_out)
{
    std::string const secret = "q8~X+k/a=b&c%d\xc3\xbc x";
    secret_fixture it(secret);
    BOOST_TEST(it.sent(percent_encode(secret)) == 0);
    BOOST_TEST(it.sent(secret) == 9002313);
    BOOST_TEST(secret_fixture("a=").sent("a=") == 9002313);
    BOOST_TEST(secret_fixture("a/b").sent("a/b") == 9002313);
    BOOST_TEST(secret_fixture("a%b").sent("a%b") == 9002313);
    BOOST_TEST(secret_fixture("a+b").sent("a+b") == 7000215);
    auto const answer = it.login.handle(login_fixture::made_of(token_path, "client_secret=S/E"));
    BOOST_TEST(answer.body.find("S/E") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_head)
{
    login_fixture it;
    auto const answer = [&](std::function<void(request&)> const& change)
    {
        auto http = login_fixture::made_of(token_path, right_form);
        change(http);
        return it.login.handle(http);
    };
    auto const typed = [&](char const* type)
    {
        return code_of(
            answer([&](request& http) { http.headers.set("Content-Type", std::string(type)); }));
    };
    BOOST_TEST(typed("application/x-www-form-urlencoded") == 0);
    BOOST_TEST(typed("application/x-www-form-urlencoded;charset=UTF-8") == 0);
    BOOST_TEST(typed("application/x-www-form-urlencoded ; charset=UTF-8") == 0);
    BOOST_TEST(typed("application/x-www-form-urlencoded2") == 900144);
    BOOST_TEST(typed("application/json") == 900144);
    auto const gets = answer([](request& http) { http.method = "GET"; });
    BOOST_TEST(code_of(gets) == 900561);
    auto const chunked = answer(
        [](request& http)
        {
            http.headers = header_list();
            http.headers.add("Content-Type", "application/x-www-form-urlencoded");
            http.headers.add("Transfer-Encoding", "chunked");
        });
    BOOST_TEST(chunked.status == 411);
    auto const basic =
        answer([](request& http) { http.headers.add("Authorization", "Basic YTpi"); });
    BOOST_TEST(code_of(basic) == 9002313);
    auto const bearer =
        answer([](request& http) { http.headers.add("Authorization", "Bearer x"); });
    BOOST_TEST(code_of(bearer) == 9002313);
    BOOST_TEST(bearer.status == 400);
    auto const proxy =
        answer([](request& http) { http.headers.add("Proxy-Authorization", "Basic YTpi"); });
    BOOST_TEST(code_of(proxy) == 9002313);
}

BOOST_AUTO_TEST_CASE(the_other_endpoints_are_as_strict)
{
    login_fixture it;
    std::string const scope = "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default";
    auto const code = [&](char const* path, std::string const& more)
    {
        auto const body = "client_id=" + std::string(client) + more;
        return code_of(it.login.handle(login_fixture::made_of(path, body)));
    };
    char const* device = "/tenant-1/oauth2/v2.0/devicecode";
    BOOST_TEST(code(device, scope) == 0);
    BOOST_TEST(code(device, scope + scope) == 9002313);
    BOOST_TEST(code(device, scope + "&resource=x") == 901002);
    char const* adfs = "/adfs/oauth2/token";
    std::string const asked = "&grant_type=client_credentials&client_secret=secret"
                              "&resource=https%3A%2F%2Fkusto.kusto.windows.net";
    BOOST_TEST(code(adfs, asked) == 0);
    BOOST_TEST(code(adfs, asked + "&resource=https%3A%2F%2Fkusto.kusto.windows.net") == 9002313);
    BOOST_TEST(code(adfs, "&grant_type=client_credentials&client_secret=secret"
                          "&resource=https://kusto.kusto.windows.net") == 9002313);
}

BOOST_AUTO_TEST_CASE(parameters_are_decoded)
{
    exact_parameters const form("a=%41+b&B=!'()*-._~&b=");
    BOOST_TEST(form.get("a") == "A b");
    BOOST_TEST(form.get("B") == "!'()*-._~");
    BOOST_TEST(form.has("b"));
    BOOST_TEST(form.get("b").empty());
    BOOST_TEST(!form.has("A"));
    BOOST_TEST(form.all().size() == 3U);
    BOOST_TEST(exact_parameters("").all().empty());
    BOOST_CHECK_THROW(exact_parameters("a=1&%61=2"), malformed_parameters);
}

BOOST_AUTO_TEST_CASE(queries_need_not_encode_what_is_theirs)
{
    std::string const all = "a=:/@?,;!$'()*";
    exact_parameters const query(all, parameter_place::query);
    BOOST_TEST(query.get("a") == all.substr(2));
    for (char each : std::string(":/@?,;$"))
        BOOST_CHECK_THROW(exact_parameters(std::string("a=") + each), malformed_parameters);
    for (char const* wrong : {"a=b=c", "a=#", "a=\"", "a=<", "a=[x]", "a= ", "a=%4", "a=\\", "a=|",
                              "a={}", "a=^", "a=`", "a=\xc3\xbc", "a=1&a=2", "a", "=a"})
        BOOST_CHECK_THROW(exact_parameters(wrong, parameter_place::query), malformed_parameters);
}

BOOST_AUTO_TEST_SUITE_END()
