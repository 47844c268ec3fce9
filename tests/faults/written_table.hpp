#pragma once

// A table that a program observes, and that stands in a document between two marks.

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace kusto::faults
{

/// The part of a document between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
class written_table
{
public:
    /// \throws std::runtime_error when the document has no such marks
    written_table(std::string path, std::string const& name) : path_(std::move(path))
    {
        std::ifstream in(path_);
        text_.assign(std::istreambuf_iterator<char>(in), {});
        auto const begin = text_.find("<!-- " + name + ": begin -->");
        end_ = text_.find("<!-- " + name + ": end -->");
        if (begin == std::string::npos || end_ == std::string::npos)
            throw std::runtime_error(path_ + " has no marks for the " + name);
        begin_ = text_.find('\n', begin) + 1;
    }

    [[nodiscard]] std::string text() const { return text_.substr(begin_, end_ - begin_); }

    void write(std::string const& table)
    {
        text_.replace(begin_, end_ - begin_, table);
        std::ofstream(path_) << text_;
    }

private:
    std::string path_;
    std::string text_;
    std::size_t begin_ = 0, end_ = 0;
};

/// Without what is in parentheses: numbers that depend on timing.
inline std::string words_of(std::string const& text)
{
    std::string out;
    bool inside = false;
    for (char const c : text)
    {
        if (c == '(')
        {
            inside = true;
            out.pop_back();
        }
        if (!inside)
            out += c;
        inside = inside && c != ')';
    }
    return out;
}

/// Prints lines that differ. \returns whether there is none
inline bool same_words(std::string const& written, std::string const& observed)
{
    std::istringstream a(words_of(written)), b(words_of(observed));
    std::string was, is;
    bool same = true;
    for (;;)
    {
        bool const more_a = static_cast<bool>(std::getline(a, was));
        bool const more_b = static_cast<bool>(std::getline(b, is));
        if (!more_a && !more_b)
            return same;
        if (more_a == more_b && was == is)
            continue;
        same = false;
        std::cout << "written:  " << (more_a ? was : "") << "\nobserved: " << (more_b ? is : "")
                  << '\n';
    }
}

} // namespace kusto::faults
