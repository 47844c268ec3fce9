#include <text/json_check.hpp>

#include <bitset>
#include <text/utf8.hpp>

namespace kusto::text
{

namespace
{

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// A recogniser without recursion: `objects_` remembers which of the open brackets are braces.
class checker
{
public:
    checker(std::string_view text, bool line_breaks) noexcept
        : text_(text),
          line_breaks_(line_breaks)
    {
    }

    json_mistake run(bool object_only) noexcept
    {
        skip_blanks();
        if (object_only && !at('{'))
            return mistake("an object is expected");
        for (bool more = true; more;)
            more = value() && after_value();
        if (found_.what)
            return found_;
        skip_blanks();
        if (at_ != text_.size())
            return mistake("nothing is expected after the value");
        return found_;
    }

private:
    [[nodiscard]] bool at(char c) const noexcept { return at_ < text_.size() && text_[at_] == c; }
    [[nodiscard]] bool digit() const noexcept { return at_ < text_.size() && is_digit(text_[at_]); }
    bool take(char c) noexcept
    {
        bool const there = at(c);
        at_ += there ? 1 : 0;
        return there;
    }
    json_mistake mistake(char const* what) noexcept
    {
        if (!found_.what)
        {
            found_.what = what;
            found_.offset = at_;
        }
        return found_;
    }
    bool fail(char const* what) noexcept
    {
        mistake(what);
        return false;
    }

    void skip_blanks() noexcept
    {
        while (at_ < text_.size())
        {
            char const c = text_[at_];
            bool const line_break = c == '\n' || c == '\r';
            if (c != ' ' && c != '\t' && !(line_break && line_breaks_))
                return;
            ++at_;
        }
    }

    /// A scalar, an empty bracket, or everything up to the place of an inner value.
    bool value() noexcept
    {
        for (;;)
        {
            skip_blanks();
            if (at_ == text_.size())
                return fail("the text ends where a value is expected");
            switch (text_[at_])
            {
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            case '[':
            case '{':
                if (!open())
                    return false;
                if (closed_)
                    return true;
                break;
            default:
                return number();
            }
        }
    }

    /// Consumes the opening bracket and, in an object, the first key.
    bool open() noexcept
    {
        bool const object = text_[at_] == '{';
        if (depth_ == max_json_depth)
            return fail("the nesting is deeper than 512");
        ++at_;
        skip_blanks();
        closed_ = take(object ? '}' : ']');
        if (closed_)
            return true;
        objects_[depth_++] = object;
        return !object || key();
    }

    bool key() noexcept
    {
        skip_blanks();
        if (!at('"'))
            return fail("a key in double quotes is expected");
        if (!string())
            return false;
        skip_blanks();
        return take(':') || fail("a colon is expected after the key");
    }

    /// Closes brackets; true if another value follows.
    bool after_value() noexcept
    {
        while (depth_ != 0)
        {
            skip_blanks();
            bool const object = objects_[depth_ - 1];
            if (take(','))
                return !object || key();
            if (!take(object ? '}' : ']'))
                return fail(object ? "a comma or a closing brace is expected"
                                   : "a comma or a closing bracket is expected");
            --depth_;
        }
        return false;
    }

    bool word(std::string_view expected) noexcept
    {
        if (text_.substr(at_, expected.size()) != expected)
            return fail("this is no JSON value");
        at_ += expected.size();
        return true;
    }

    bool digits() noexcept
    {
        if (!digit())
            return fail("a digit is expected");
        while (digit())
            ++at_;
        return true;
    }

    bool number() noexcept
    {
        if (!at('-') && !digit())
            return fail("this is no JSON value");
        take('-');
        if (take('0'))
        {
            if (digit())
                return fail("a number has a leading zero");
        }
        else if (!digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (!take('e') && !take('E'))
            return true;
        if (!take('+'))
            take('-');
        return digits();
    }

    bool string() noexcept
    {
        ++at_;
        while (at_ < text_.size())
        {
            auto const c = static_cast<unsigned char>(text_[at_]);
            if (c == '"')
            {
                ++at_;
                return true;
            }
            if (c < 0x20)
                return fail("a control character in a string must be escaped");
            if (c == '\\')
            {
                if (!escape())
                    return false;
            }
            else if (c < 0x80)
                ++at_;
            else if (!multibyte())
                return false;
        }
        return fail("the closing quote of a string is missing");
    }

    bool multibyte() noexcept
    {
        auto const length = multibyte_length(text_.substr(at_));
        if (length == 0)
        {
            found_.utf8 = true;
            return fail("the text is not UTF-8");
        }
        at_ += length;
        return true;
    }

    bool escape() noexcept
    {
        if (at_ + 1 == text_.size())
            return fail("the text ends in an escape");
        char const kind = text_[at_ + 1];
        if (kind != 'u')
        {
            if (std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos)
                return fail("there is no such escape");
            at_ += 2;
            return true;
        }
        unsigned const unit = code_unit();
        bool const low_alone = unit >= 0xdc00 && unit <= 0xdfff;
        if (unit > 0xffff || low_alone)
            return fail("\\u needs four hexadecimal digits, and surrogates come in pairs");
        at_ += 6;
        if (unit < 0xd800 || unit > 0xdbff)
            return true;
        unsigned const low = code_unit();
        if (low < 0xdc00 || low > 0xdfff)
            return fail("a high surrogate is not followed by a low one");
        at_ += 6;
        return true;
    }

    /// The value of `\uXXXX` here, or more than 0xffff.
    [[nodiscard]] unsigned code_unit() const noexcept
    {
        constexpr unsigned invalid = 0x10000;
        if (text_.size() - at_ < 6 || text_[at_] != '\\' || text_[at_ + 1] != 'u')
            return invalid;
        unsigned unit = 0;
        for (std::size_t i = at_ + 2; i < at_ + 6; ++i)
        {
            char const c = text_[i];
            char const lower = static_cast<char>(c | 0x20);
            if (is_digit(c))
                unit = unit * 16 + static_cast<unsigned>(c - '0');
            else if (lower >= 'a' && lower <= 'f')
                unit = unit * 16 + static_cast<unsigned>(lower - 'a' + 10);
            else
                return invalid;
        }
        return unit;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::bitset<max_json_depth> objects_;
    json_mistake found_;
    bool line_breaks_;
    bool closed_ = false;
};

} // namespace

json_mistake check_json(std::string_view text, json_form form) noexcept
{
    bool const line = form == json_form::object_on_line;
    return checker(text, !line).run(line);
}

} // namespace kusto::text
