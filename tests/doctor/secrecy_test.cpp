#include <boost/test/unit_test.hpp>
#include <doctor/patient.hpp>

namespace
{

using namespace kusto;
using namespace kusto::test;
using emulator::fault;
using emulator::fault_route;

constexpr auto canary = "CANARY~secret/+=";

/// Nothing of a token, secret or signature; plain, or percent-encoded.
void check_clean(diagnosis const& found)
{
    for (auto const& text : {to_text(found), to_json(found)})
    {
        for (auto const* const secret : {canary, "CANARY", "sig=", "sig%3D", "Bearer ", "eyJ"})
            BOOST_TEST(text.find(secret) == std::string::npos, secret << " is in\n" << text);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrecy)

BOOST_AUTO_TEST_CASE(neither_a_good_nor_a_bad_run_shows_secrets)
{
    patient of(emulator::cluster_options().application(
        "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222", canary));
    check_clean(examine(of.connection(), patient::everything()));
    for (auto const route : {fault_route::metadata, fault_route::token, fault_route::version,
                             fault_route::resources, fault_route::command, fault_route::put_blob})
    {
        for (int const status : {401, 403, 500})
        {
            emulator::fault_script script;
            script.add(fault::status(status).on(route));
            of.cluster.set_faults(script);
            auto const found = examine(of.connection(), patient::everything());
            check_clean(found);
            // Who may not ask for the version is there all the same.
            bool const harmless = route == fault_route::version && status == 403;
            BOOST_TEST((found.exit_status() == 0) == harmless);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_static_token_is_not_shown)
{
    patient of;
    auto where = of.connection();
    where.who(credential::static_token(std::string("CANARY.eyJ.") + "CANARY"));
    auto const found = examine(where, patient::everything());
    BOOST_TEST(found.exit_status() != 0);
    check_clean(found);
}

BOOST_AUTO_TEST_CASE(a_bad_connection_string_is_not_shown)
{
    try
    {
        (void)connection_options::from_connection_string(
            "Data Source=https://c.kusto.windows.net;Nonsense=CANARY;Application Key=CANARY");
        BOOST_TEST(false);
    }
    catch (error const& wrong)
    {
        auto const found = diagnosis::of(wrong.why());
        check_clean(found);
        BOOST_TEST(found.exit_status() == 2);
    }
}

BOOST_AUTO_TEST_SUITE_END()
