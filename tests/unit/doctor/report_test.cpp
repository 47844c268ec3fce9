#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <kusto/doctor.hpp>

namespace
{

using namespace kusto;

check made(std::string name, check_state state, check_trouble trouble = check_trouble::none)
{
    check one(std::move(name), "here");
    one.state = state;
    one.trouble = trouble;
    one.detail = "detail";
    one.remedy = state == check_state::failed ? "remedy" : "";
    one.duration = std::chrono::milliseconds(7);
    return one;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(exit_statuses)
{
    diagnosis of;
    BOOST_TEST(of.exit_status() == 0);
    of.checks = {made("a", check_state::ok), made("b", check_state::skipped)};
    BOOST_TEST(of.exit_status() == 0);
    of.checks.push_back(made("c", check_state::warning));
    BOOST_TEST(of.exit_status() == 1);
    using enum check_trouble;
    for (auto const& [trouble, status] : {std::pair(configuration, 2), std::pair(network, 3),
                                          std::pair(rights, 4), std::pair(service, 5)})
    {
        auto worse = of;
        worse.checks.push_back(made("d", check_state::failed, trouble));
        worse.checks.push_back(made("e", check_state::failed, configuration));
        BOOST_TEST(worse.exit_status() == status);
    }
}

BOOST_AUTO_TEST_CASE(text)
{
    diagnosis of;
    of.checks = {made("a", check_state::ok),
                 made("long", check_state::failed, check_trouble::network)};
    BOOST_TEST(to_text(of) == "ok       a     here: detail (7 ms)\n"
                              "failed   long  here: detail (7 ms)\n"
                              "               -> remedy\n"
                              "1 ok, 0 warnings, 1 failed, 0 skipped\n");
}

BOOST_AUTO_TEST_CASE(json)
{
    diagnosis of;
    of.checks = {made("a", check_state::failed, check_trouble::rights)};
    of.checks[0].detail = "\"\xff\"";
    auto const document = boost::json::parse(to_json(of));
    BOOST_TEST(document.at("exit_status").as_int64() == 4);
    auto const& one = document.at("checks").as_array().at(0);
    BOOST_TEST(one.at("name").as_string() == "a");
    BOOST_TEST(one.at("state").as_string() == "failed");
    BOOST_TEST(one.at("trouble").as_string() == "rights");
    BOOST_TEST(one.at("remedy").as_string() == "remedy");
    BOOST_TEST(one.at("detail").as_string() == "\"?\"");
    BOOST_TEST(one.at("duration_ms").as_int64() == 7);
}

BOOST_AUTO_TEST_CASE(find)
{
    diagnosis of;
    of.checks = {made("a", check_state::ok)};
    BOOST_TEST(of.find("a") == &of.checks[0]);
    BOOST_TEST(of.find("a", "here") == &of.checks[0]);
    BOOST_TEST((of.find("a", "there") == nullptr));
    BOOST_TEST((of.find("b") == nullptr));
}

BOOST_AUTO_TEST_CASE(the_time_of_a_check_has_limits)
{
    using std::chrono::milliseconds;
    BOOST_TEST(
        (doctor_options().check_timeout(milliseconds(1)).check_timeout() == milliseconds(100)));
    BOOST_TEST((doctor_options().check_timeout(milliseconds(1 << 30)).check_timeout() ==
                milliseconds(300000)));
}

BOOST_AUTO_TEST_SUITE_END()
