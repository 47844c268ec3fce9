#include "problems.hpp"

#include <boost/test/unit_test.hpp>

using namespace kusto;

BOOST_AUTO_TEST_SUITE(credential_test)

BOOST_AUTO_TEST_CASE(descriptions_hold_no_secret)
{
    auto const good =
        credential::client_secret("0F1E2D3C-0000-1111-2222-333344445555", "CANARY", "t");
    BOOST_TEST(good.describe() ==
               "client secret of application 0f1e2d3c-0000-1111-2222-333344445555");
    auto const swapped = credential::client_secret("CANARY", "id", "t");
    BOOST_TEST(!test::has(swapped.describe(), "CANARY"));
    BOOST_TEST(credential::none().describe() == "no credential");
}

BOOST_AUTO_TEST_CASE(problems)
{
    std::string const id = "0f1e2d3c-0000-1111-2222-333344445555";
    struct row
    {
        std::string id;
        std::string secret;
        std::string tenant;
        std::size_t count;
    };
    for (auto const& r :
         {row{id, "a~b/+=", "contoso.onmicrosoft.com", 0}, row{id, "s", id, 0},
          row{"x", "s", "t", 1}, row{id, "", "t", 1}, row{id, "a b", "t", 0},
          row{id, "caf\xc3\xa9", "t", 0}, row{id, " s", "t", 1}, row{id, "s ", "t", 1},
          row{id, "s\n", "t", 1}, row{id, "a\tb", "t", 1},
          row{id,
              "a\x7f"
              "b",
              "t", 1},
          row{id, std::string("a\0b", 3), "t", 1}, row{id, "s", "", 1}, row{id, "s", "a/b", 1},
          row{id, "s", "Organizations", 1}, row{"", "", "", 3}})
    {
        auto const found = credential::client_secret(r.id, r.secret, r.tenant).problems();
        BOOST_TEST(found.size() == r.count, r.id << ' ' << r.secret << ' ' << r.tenant);
    }
    BOOST_TEST(credential::none().problems().empty());
    BOOST_TEST(credential::callback({}).problems().size() == 1u);
}

BOOST_AUTO_TEST_CASE(device_codes_and_ad_fs)
{
    auto const show = [](device_prompt const&) {};
    for (char const* tenant : {"adfs", "ADFS"})
    {
        auto const found = credential::device_code(show, tenant).problems();
        BOOST_REQUIRE(found.size() == 1u);
        BOOST_TEST(test::has(found.front(), "does not work with AD FS"));
    }
    for (char const* tenant : {"", "organizations", "adfs.contoso.com"})
        BOOST_TEST(credential::device_code(show, tenant).problems().empty(), tenant);
}

BOOST_AUTO_TEST_SUITE_END()
