#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <host/executable.hpp>
#include <support/script_folder.hpp>
#include <unistd.h>

using namespace kusto;
using namespace kusto::test;

namespace
{

/// Goes to another directory, and back at the end.
class visit
{
public:
    explicit visit(std::string const& to) : home_(std::filesystem::current_path())
    {
        std::filesystem::current_path(to);
    }
    visit(visit const&) = delete;
    visit& operator=(visit const&) = delete;
    ~visit() { std::filesystem::current_path(home_); }

private:
    std::filesystem::path home_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(executable_test)

BOOST_AUTO_TEST_CASE(the_first_directory_that_has_it)
{
    script_folder const first;
    script_folder const second;
    second.write("tool-of-test", "");
    auto const both = first.path() + ':' + second.path();
    BOOST_TEST(host::find_executable("tool-of-test", both).value() == second.file("tool-of-test"));
    first.write("tool-of-test", "");
    BOOST_TEST(host::find_executable("tool-of-test", both).value() == first.file("tool-of-test"));
}

BOOST_AUTO_TEST_CASE(the_usual_directories_come_last)
{
    BOOST_TEST(host::find_executable("env", "").value() == "/usr/bin/env");
    script_folder const mine;
    mine.write("env", "");
    BOOST_TEST(host::find_executable("env", mine.path()).value() == mine.file("env"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_run_is_passed_over)
{
    script_folder const folder;
    BOOST_TEST(!host::find_executable("tool-of-test", folder.path()).has_value());
    std::filesystem::create_directory(folder.file("tool-of-test"));
    BOOST_TEST(!host::find_executable("tool-of-test", folder.path()).has_value());
    auto const plain = folder.write("plain-of-test", "");
    std::filesystem::permissions(plain, std::filesystem::perms::owner_read);
    BOOST_TEST(!host::find_executable("plain-of-test", folder.path()).has_value());
}

BOOST_AUTO_TEST_CASE(only_absolute_directories_are_searched)
{
    script_folder const folder;
    folder.write("tool-of-test", "");
    visit const there(folder.path());
    for (char const* path : {"", ":", ".", "./", "::.:", "~"})
        BOOST_TEST(!host::find_executable("tool-of-test", path).has_value(), path);
}

BOOST_AUTO_TEST_SUITE_END()
